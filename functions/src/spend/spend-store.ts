import type { LeaseAsk, LeaseOutcome, LeaseReport } from '@vantio/schema/spend/bucket';
import type { ControlNote } from '../ingest/ledger-store.ts';

/** What is to be recorded of outcomes, one for each ask in its order. */
export type NotesOf = (outcomes: readonly LeaseOutcome[]) => readonly ControlNote[];

/**
 * Where what is spent and leased is kept.
 *
 * Durability: when `exchange` resolves, what it granted survives a crash of the process and of the machine. When it rejects, a lease may
 * or may not be there; the same exchange may be sent again, for leases have the ids that their emitters made. What `notesOf` says is
 * recorded in the ledger once, some time later: in the cloud of each lease that is there, on one machine of each that was answered, unless
 * the server is killed before.
 *
 * Concurrency: any number of calls may be under way; used and outstanding never pass a limit because of it.
 */
export type SpendStore = {
  readonly exchange: (
    tenantId: string,
    reports: readonly LeaseReport[],
    asks: readonly LeaseAsk[],
    notesOf: NotesOf,
  ) => Promise<readonly LeaseOutcome[]>;
};
