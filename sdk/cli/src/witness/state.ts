import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { REFRESH_MILLIS, takeLock } from '@vantio/functions/local/lock';
import { replaceFile } from '@vantio/functions/local/state-dir';
import type { Checkpoint, TreeHead } from '@vantio/schema/tlog/checkpoint';
import { decodeBase64, encodeBase64 } from '@vantio/schema/tlog/note';
import { HASH_BYTES } from '@vantio/schema/tlog/tree-hash';
import { CliError, systemCode } from '../cli-error.ts';

/** The last tree of a log that was judged good, with the note that says so. */
export type Seen = TreeHead & { readonly bytes: string };

/** What a witness knows of one log. */
export type LogState = {
  readonly seen: Seen | undefined;
  /** When the first round failed after the last good one, in seconds since the epoch; undefined: the last was good. */
  readonly failingSince: number | undefined;
  /** Rotation notes of the log that were followed, in their order. */
  readonly rotations: readonly string[];
};

/**
 * Durability: what `save` was given is on durable storage when it returns, whole. One process at a time has the directory.
 */
export type State = {
  readonly read: (origin: string) => LogState;
  readonly save: (origin: string, state: LogState) => void;
  readonly close: () => void;
};

export const seenOf = ({ origin, size, root }: Checkpoint, bytes: string): Seen => ({
  origin,
  size,
  root,
  bytes,
});

/** @throws {CliError} if another witness has the directory, or it cannot be made. */
export function openState(directory: string): State {
  const lock = locked(directory);
  // In another pid namespace nothing else shows that this process lives.
  const refreshing = setInterval(() => lock.refresh(), REFRESH_MILLIS);
  refreshing.unref();
  return {
    read: (origin) => readState(fileOf(directory, origin), origin),
    save: (origin, state) => {
      if (!lock.refresh()) throw new CliError(`another witness took the state ${directory}.`);
      try {
        replaceFile(fileOf(directory, origin), formatState(origin, state));
      } catch (error) {
        throw unwritable(directory, error);
      }
    },
    close: () => {
      clearInterval(refreshing);
      lock.release();
    },
  };
}

function locked(directory: string) {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const lock = takeLock(join(directory, 'lock'));
    if (lock !== undefined) return lock;
  } catch (error) {
    throw unwritable(directory, error);
  }
  throw new CliError(
    `state ${directory} is in use by another witness; two of them must not share one: give each its own --state.`,
  );
}

const unwritable = (directory: string, error: unknown): CliError =>
  new CliError(
    `state ${directory} cannot be written (${systemCode(error)}); name a directory of your own.`,
  );

/** An origin may have any character but spaces. */
const fileOf = (directory: string, origin: string): string =>
  join(directory, `${createHash('sha256').update(origin).digest('hex').slice(0, 32)}.json`);

const formatState = (origin: string, { seen, failingSince, rotations }: LogState): string =>
  `${JSON.stringify({
    version: 1,
    origin,
    size: seen?.size ?? 0,
    root: seen === undefined ? null : encodeBase64(seen.root),
    checkpoint: seen?.bytes ?? null,
    failing_since: failingSince ?? null,
    ...(rotations.length > 0 ? { rotations } : {}),
  })}\n`;

/** @throws {CliError} for anything but a state: to begin anew in its place would be to forget what was seen. */
function readState(file: string, origin: string): LogState {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT')
      return { seen: undefined, failingSince: undefined, rotations: [] };
    throw new CliError(`state ${file} cannot be read (${systemCode(error)}); mend its rights.`);
  }
  const state = stateIn(text, origin);
  if (state === undefined)
    throw new CliError(
      `state ${file} is damaged; restore it from a copy: without it the witness forgets what it saw.`,
    );
  return state;
}

function stateIn(text: string, origin: string): LogState | undefined {
  try {
    const stored = JSON.parse(text) as Readonly<Record<string, unknown>>;
    const { size, root, checkpoint, failing_since: failing, rotations = [] } = stored;
    if (stored.version !== 1 || stored.origin !== origin) return undefined;
    if (!Array.isArray(rotations) || rotations.some((note) => typeof note !== 'string'))
      return undefined;
    if (failing !== null && !Number.isSafeInteger(failing)) return undefined;
    const failingSince = failing === null ? undefined : (failing as number);
    if (root === null && checkpoint === null && size === 0)
      return { seen: undefined, failingSince, rotations };
    const hash = decodeBase64(String(root));
    if (hash?.length !== HASH_BYTES || typeof checkpoint !== 'string' || !isSize(size))
      return undefined;
    return { seen: { origin, size, root: hash, bytes: checkpoint }, failingSince, rotations };
  } catch {
    return undefined;
  }
}

const isSize = (size: unknown): size is number => Number.isSafeInteger(size) && Number(size) >= 0;
