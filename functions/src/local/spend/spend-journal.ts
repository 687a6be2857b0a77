import { readFileSync } from 'node:fs';
import {
  type Bucket,
  exchange,
  KEEP_MILLIS,
  type LeaseAsk,
  type LeaseOutcome,
  type LeaseReport,
} from '@vantio/schema/spend/bucket';
import type { ControlNote } from '../../ingest/ledger-store.ts';
import type { SpendStore } from '../../spend/spend-store.ts';
import { replaceFile, StateDirError, stateFiles } from '../keys/state-dir.ts';
import { type AppendFile, createAppendFile, openAppendHandle } from '../ndjson/append-file.ts';
import { type Lock, REFRESH_MILLIS, takeLock } from '../ndjson/lock.ts';

export type SpendJournal = SpendStore & { readonly close: () => Promise<void> };

/** Beyond this the journal is written anew with what still counts. */
const MAX_BYTES = 16 * 1024 * 1024;

/** What the tenant's bucket is from here on; of several lines about one bucket the last holds. */
type Line = { readonly tenant: string; readonly bucket: string; readonly state: Bucket };
type Buckets = Map<string, Map<string, Bucket>>;

/**
 * Spend in the state directory: one line for each change, synced before the change is answered, so that a server that is
 * killed has forgotten no lease that it granted. It is opened by the first exchange, and one process keeps it.
 */
export function createSpendJournal(
  stateDir: string,
  note: (note: ControlNote) => void,
  now: () => number = Date.now,
): SpendJournal {
  const path = stateFiles(stateDir).spend;
  let opened: Opened | undefined;
  return {
    async exchange(tenantId, reports, asks, notesOf) {
      opened = opened?.isOurs() ? opened : open(path, now);
      const outcomes = await opened.exchange(tenantId, reports, asks);
      for (const one of notesOf(outcomes)) note(one);
      return outcomes;
    },
    close: async () => opened?.close(),
  };
}

type Opened = {
  readonly exchange: (
    tenantId: string,
    reports: readonly LeaseReport[],
    asks: readonly LeaseAsk[],
  ) => Promise<readonly LeaseOutcome[]>;
  readonly close: () => Promise<void>;
  readonly isOurs: () => boolean;
};

/** @throws {StateDirError} when another process has it, or when it cannot be read. */
function open(path: string, now: () => number): Opened {
  const lock = takeLock(`${path}.lock`);
  if (!lock)
    throw new StateDirError('bad_state', `another process keeps ${path}: it alone leases spend`);
  try {
    return keep(path, lock, now);
  } catch (error) {
    lock.release();
    throw error;
  }
}

function keep(path: string, lock: Lock, now: () => number): Opened {
  const tenants = read(path);
  const refreshing = setInterval(lock.refresh, REFRESH_MILLIS);
  refreshing.unref();
  let file: AppendFile | undefined;
  let waiting: string[] = [];
  let writing: Promise<void> = Promise.resolve();
  let next: Promise<void> | undefined;

  /** Forgets windows that ended long ago, and begins the file with what is left. */
  async function compact(): Promise<void> {
    await shut();
    const lines: string[] = [];
    for (const [tenant, buckets] of tenants)
      for (const [bucket, state] of buckets)
        if (state.endsAt + KEEP_MILLIS < now()) buckets.delete(bucket);
        else lines.push(lineOf({ tenant, bucket, state }));
    const text = lines.join('');
    replaceFile(path, text);
    file = createAppendFile(await openAppendHandle(path), Buffer.byteLength(text));
  }

  async function shut(): Promise<void> {
    const last = file;
    file = undefined;
    await last?.close();
  }

  async function write(): Promise<void> {
    next = undefined;
    const bytes = Buffer.from(waiting.join(''));
    waiting = [];
    // After a failure all is written anew from memory, which may have leases that nobody was told of, and never less.
    if (!file || file.size() > MAX_BYTES) return compact();
    try {
      await file.append(bytes);
    } catch (error) {
      await shut().catch(() => undefined);
      throw error;
    }
  }

  /** All that waits goes in one write, after the one under way. */
  function written(): Promise<void> {
    next ??= writing.catch(() => undefined).then(write);
    writing = next;
    return next;
  }

  return {
    isOurs: lock.refresh,
    async exchange(tenantId, reports, asks) {
      const buckets = tenants.get(tenantId) ?? new Map<string, Bucket>();
      tenants.set(tenantId, buckets);
      const { changed, outcomes } = exchange(buckets, reports, asks, now());
      for (const [bucket, state] of changed) {
        buckets.set(bucket, state);
        waiting.push(lineOf({ tenant: tenantId, bucket, state }));
      }
      if (changed.size > 0) await written();
      return outcomes;
    },
    async close() {
      clearInterval(refreshing);
      await writing.catch(() => undefined);
      await shut();
      lock.release();
    },
  };
}

const lineOf = (line: Line): string => `${JSON.stringify(line)}\n`;

/** A torn last line was never acknowledged. */
function read(path: string): Buckets {
  const tenants: Buckets = new Map();
  for (const line of textOf(path).split('\n').slice(0, -1)) {
    const { tenant, bucket, state } = lineIn(line, path);
    const buckets = tenants.get(tenant) ?? new Map<string, Bucket>();
    tenants.set(tenant, buckets);
    buckets.set(bucket, state);
  }
  return tenants;
}

function lineIn(text: string, path: string): Line {
  try {
    return JSON.parse(text) as Line;
  } catch {
    throw new StateDirError(
      'bad_state',
      `${path} has a line that is no JSON: without it what was spent is not known. Restore the file, or remove it to begin every cap anew`,
    );
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}
