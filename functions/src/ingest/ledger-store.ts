import type { KeyObject } from 'node:crypto';
import type { AuditRecord, Disclosure, RecordDraft } from '@vantio/schema';
import { envelopeText } from '@vantio/schema/session';
import type { EventStatus } from '@vantio/schema/wire/ingest-answer';

/** A record that has passed every check that needs no ledger: form, tenant, key, MAC, disclosures. */
export type CheckedRecord = {
  readonly record: AuditRecord;
  /** Canonical bytes (ASCII). */
  readonly canonical: string;
  /** RecordHash, 64 hex digits. */
  readonly hash: string;
  readonly mac: string;
  readonly disclosures: readonly Disclosure[];
};

export type Batch = {
  readonly tenantId: string;
  /** From `receivedKey(apiKey)`: seals each line to the one before it. */
  readonly receivedKey: KeyObject;
  readonly records: readonly CheckedRecord[];
  /** Events the tenant may have in the ledger this month; absent: unlimited. */
  readonly monthlyLimit?: number;
};

/** The records of a batch as they travel: one envelope a line. */
export const linesOf = ({ records }: Pick<Batch, 'records'>): readonly string[] =>
  records.map(({ canonical, mac, disclosures }) => envelopeText(canonical, mac, disclosures));

export type Receipt = {
  /** RFC 3339, µs, UTC. */
  readonly receivedAt: string;
  /** One for each record, in order. */
  readonly statuses: readonly EventStatus[];
};

/** What the control plane has to say of itself, before it has a place in a session. */
export type ControlNote = Omit<RecordDraft, 'evidence' | 'trace_origin'>;

/**
 * Where records go. Cloud mode swaps this and nothing else.
 *
 * Durability: when `append` resolves, every record it calls `accepted` or `conflict` survives a crash of the process and
 * of the machine, and every one it calls `duplicate` did before. When it rejects, the caller must assume nothing: records
 * may or may not be there, and sending the same bytes again is always safe.
 *
 * Retry: `append` is idempotent by RecordHash. A batch is taken or refused whole.
 *
 * Concurrency: any number of calls may be under way; each is judged against all that came before it, also within one
 * session. Calls are not ordered among themselves.
 */
export type LedgerStore = {
  /** @throws {StoreUnavailableError | QuotaExceededError | TangledSessionError} */
  readonly append: (batch: Batch) => Promise<Receipt>;
  /** Counted events of the tenant that the ledger holds this month. May lag behind `append`, which decides. */
  readonly countedThisMonth: (tenantId: string) => Promise<number>;
  /**
   * Has a record of the control plane itself written. Returns at once and never waits: the record is durable some time
   * later, or never. A store that cannot write keeps a bounded number of notes and counts the others as a `loss`.
   */
  readonly note: (note: ControlNote) => void;
  /** Finishes what is under way; `append` rejects from then on. */
  readonly close: () => Promise<void>;
};

/** Nothing of the batch was acknowledged; the same bytes may be sent again. */
export class StoreUnavailableError extends Error {
  override readonly name = 'StoreUnavailableError';
  readonly code = 'store_unavailable';
  readonly retryAfterSeconds: number;
  constructor(message: string, retryAfterSeconds: number, cause?: unknown) {
    super(message, { cause });
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** The batch would take the tenant past its limit for the month; nothing of it was kept. */
export class QuotaExceededError extends Error {
  override readonly name = 'QuotaExceededError';
  readonly code = 'quota_exceeded';
  /** Of the batch, without those that do not count and those that the ledger holds. */
  readonly events: number;
  constructor(events: number) {
    super('the monthly quota is used up');
    this.events = events;
  }
}

/** A session has so many conflicts and late fillings that its places can no longer be looked up cheaply. */
export class TangledSessionError extends Error {
  override readonly name = 'TangledSessionError';
  readonly code = 'session_too_tangled';
}
