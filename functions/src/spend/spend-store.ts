import type { LeaseAsk, LeaseOutcome, LeaseReport } from '@vantio/schema/spend/bucket';

/**
 * Where what is spent and leased is kept.
 *
 * Durability: when `exchange` resolves, what it granted survives a crash of the process and of the machine. When it rejects, a lease may
 * or may not be there; the same exchange may be sent again, for leases have the ids that their emitters made.
 *
 * Concurrency: any number of calls may be under way; used and outstanding never pass a limit because of it.
 */
export type SpendStore = {
  readonly exchange: (
    tenantId: string,
    reports: readonly LeaseReport[],
    asks: readonly LeaseAsk[],
  ) => Promise<readonly LeaseOutcome[]>;
};
