import { CLOUD_MERGE_MINUTES } from '../../../schema/src/wire/limits.ts';
import { MEASURED } from './per-million.ts';
import { PRICES } from './prices.ts';

export const TILE = 256;
/** A full tile, a full bundle, and the tile above them, which is one wider. */
export const OBJECTS_A_TILE = 3;
/** A partial tile, a partial bundle, `checkpoints/SIZE` and the moving checkpoint. */
const OBJECTS_A_COPY = 4;
/** Of a copy: the moving checkpoint, and tiles of the edge that no instance had read yet. */
const READS_A_COPY = 3;
/** Instances that each read a new tile once, at most. */
const INSTANCES = 10;
const DAYS = 30;
const MINUTES = DAYS * 24 * 60;
const GB = 1e9;
/** A row of `Checkpoints` with its three keys, reckoned as row-bytes.ts does. */
const CHECKPOINT_BYTES = 480;

/** Of an event in the buckets: its entry and its length in the bundle, its hash, and what the tiles above add. */
export const bucketBytes = (): number => MEASURED.entry + 2 + 32 * (1 + 1 / (TILE - 1));

/**
 * US dollars that the log of so many tenants with so many events each costs in a month, evenly spread: the dearest way for
 * them to come, for each checkpoint then has the fewest.
 */
export function logOperations(tenants: number, events: number) {
  const tiles = events / TILE;
  // A tenant is due when its oldest row has waited for half of the promise.
  const checkpoints = MINUTES / (CLOUD_MERGE_MINUTES / 2 + MINUTES / events);
  const classA = tenants * (tiles * OBJECTS_A_TILE + DAYS * OBJECTS_A_COPY);
  const classB = tenants * (tiles * INSTANCES + DAYS * READS_A_COPY);
  const rows = tenants * events * (MEASURED.row + MEASURED.indexes + MEASURED.leaf);
  const stored = rows + tenants * checkpoints * CHECKPOINT_BYTES;
  const bucket = ((tenants * events * bucketBytes()) / GB) * PRICES.storage.usd;
  return {
    /** Of one tenant. */
    checkpoints,
    operations: (classA / 1e6) * PRICES.classA.usd + (classB / 1e6) * PRICES.classB.usd,
    /** If each checkpoint were copied, as local mode writes each. */
    copiedEach: ((tenants * checkpoints * OBJECTS_A_COPY) / 1e6) * PRICES.classA.usd,
    spanner: (stored / GB) * PRICES.spannerStorage.usd,
    bucket,
    bucketKept: (days: number) => bucket * (days / DAYS),
  };
}
