import type { Database, Transaction } from '@google-cloud/spanner';
import { instantFromMicros, parseEnvelope } from '@vantio/schema';
import { createControlSession } from '../../ingest/control-session.ts';
import { type ControlNote, linesOf } from '../../ingest/ledger-store.ts';
import { withDeadline } from '../deadline.ts';
import type { PublishBatch } from '../pubsub/publish-batch.ts';

export type LeaseRecordsOptions = {
  readonly database: () => Promise<Database>;
  /** The control plane's own API key. */
  readonly controlKey: () => Promise<string>;
  readonly publish: PublishBatch;
  readonly onFault: (message: string, error: unknown) => void;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
};

/** A session of the control plane as a row: envelopes, one a line. */
export type LeaseRow = { readonly SessionId: string; readonly Lines: string };

const LEFT_BEHIND = `SELECT SessionId, Lines FROM LeaseRecords WHERE CommitTimestamp < @before LIMIT 100`;
/** Whoever granted a lease has long published its record by then, or never will. */
const LEFT_MILLIS = 60_000;
const SWEEP_MILLIS = 30_000;
/** Who asked for the lease waits 2 s. What is not published by then is not given up: the sweep finds it. */
const PUBLISH_MILLIS = 1000;

/**
 * The way of `spend_lease` records to the ledger. They are sealed before the grant is committed and committed with it, so no lease that
 * was granted is without them; then they are published and taken away. Whoever dies in between leaves them to the next sweep, which
 * publishes the very same bytes: what comes to the ledger twice is there once.
 */
export function createLeaseRecords(options: LeaseRecordsOptions) {
  const { database, controlKey, publish, onFault, now = Date.now } = options;
  let sweptAt = 0;

  async function send({ SessionId, Lines }: LeaseRow): Promise<void> {
    const lines = Lines.split('\n');
    const { tenant_id, key_id } = parseEnvelope(lines[0] ?? '').record;
    await publish({ tenant_id, key_id, received_at: instantFromMicros(now() * 1000) }, lines);
    await (await database()).table('LeaseRecords').deleteRows([[SessionId]]);
  }

  return {
    /** What seals notes, in a session of their own each time: to be had before a transaction begins. */
    async sealer(): Promise<(notes: readonly ControlNote[]) => LeaseRow> {
      const key = await controlKey();
      return (notes) => sealed(key, notes);
    },

    keep(transaction: Transaction, row: LeaseRow): void {
      transaction.insert('LeaseRecords', {
        ...row,
        CommitTimestamp: 'spanner.commit_timestamp()',
      });
    },

    /** Never rejects: what fails is left to the sweep, and what takes too long goes on. */
    async sendSoon(row: LeaseRow): Promise<void> {
      const sent = send(row).catch((error: unknown) =>
        onFault('the record of a lease waits', error),
      );
      await withDeadline(PUBLISH_MILLIS, () => sent).catch(() => undefined);
    },

    /** Publishes what others have left behind, once in a while. Never rejects. */
    async sweep(): Promise<void> {
      if (now() - sweptAt < SWEEP_MILLIS) return;
      sweptAt = now();
      try {
        const [rows] = await (await database()).run({
          sql: LEFT_BEHIND,
          params: { before: new Date(now() - LEFT_MILLIS) },
          types: { before: 'timestamp' },
          json: true,
        });
        for (const row of rows as unknown as readonly LeaseRow[]) await send(row);
      } catch (error) {
        onFault('records of leases wait', error);
      }
    },
  };
}

export type LeaseRecords = ReturnType<typeof createLeaseRecords>;

function sealed(controlKey: string, notes: readonly ControlNote[]): LeaseRow {
  const session = createControlSession(controlKey);
  session.start();
  for (const note of notes) session.say(note);
  session.end({ end_reason: 'shutdown' });
  return { SessionId: session.sessionId, Lines: linesOf(session.offer()).join('\n') };
}
