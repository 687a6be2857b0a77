import type { Database } from '@google-cloud/spanner';
import type { ValueKey } from '../../erase/selection.ts';
import { createTombstones, TOMBSTONES, type Why } from '../../erase/tombstones.ts';
import type { Batch } from '../../ingest/ledger-store.ts';
import { type IngestDoor, sendControlBatch } from '../send-control-batch.ts';
import {
  type CloudSelection,
  type DisclosureKey,
  openErasureDatabase,
} from './erasure-database.ts';

export type CloudEraseOptions = Why & {
  /** Opened as the database role `eraser`. */
  readonly database: Database;
  readonly selection: CloudSelection;
  /** Where the records of what is erased go; undefined: looks, and changes nothing. */
  readonly door: IngestDoor | undefined;
  /** Told of each group of values that is gone. */
  readonly onErased?: (values: number) => void;
};

export type CloudErasure = {
  /** Rows that were there: one for each record and field. */
  readonly values: number;
  /** `erasure` records that ingest acknowledged. */
  readonly recorded: number;
};

/**
 * Deletes disclosures from the cloud ledger, a group at a time; the records that say so come first. Broken off, no value is
 * gone without its record, and the same call again takes what is left: the last group is then recorded twice, for the role
 * cannot see what the ledger holds.
 * @throws {NotRecordedError} and what the database says.
 */
export async function eraseCloud(options: CloudEraseOptions): Promise<CloudErasure> {
  const { selection, door, onErased = () => {}, ...why } = options;
  const database = await openErasureDatabase(options.database, selection);
  if (door === undefined) return { values: await database.count(), recorded: 0 };
  let values = 0;
  let recorded = 0;
  let tombstones: ReturnType<typeof createTombstones> | undefined;
  const put = async (batch: Batch): Promise<void> => {
    await sendControlBatch(door, batch);
    tombstones?.settle(batch);
  };
  for (;;) {
    const keys = await database.find(TOMBSTONES);
    if (keys.length === 0) break;
    tombstones ??= createTombstones(door.controlKey, why);
    const named = valuesOf(keys);
    await put(tombstones.of(named));
    recorded += named.length;
    await database.remove(keys);
    values += keys.length;
    onErased(keys.length);
  }
  if (tombstones !== undefined) await put(tombstones.end());
  return { values, recorded };
}

/** Two records that claim one event id have a disclosure each; one record tells of both. */
const valuesOf = (keys: readonly DisclosureKey[]): readonly ValueKey[] => [
  ...new Map(
    keys.map(({ TenantId, EventId, Field }) => [
      `${EventId} ${Field}`,
      { tenantId: TenantId, eventId: EventId, field: Field },
    ]),
  ).values(),
];
