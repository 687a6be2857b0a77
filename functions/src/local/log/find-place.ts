import { hashAt, TILE_WIDTH, tileAt } from '@vantio/schema/tlog/tiles';
import { TlogError } from '@vantio/schema/tlog/tlog-error';
import { equalHashes, leafHash } from '@vantio/schema/tlog/tree-hash';
import type { LogFiles } from '../../log/log-files.ts';
import { readTileFile } from '../../log/read-log.ts';
import { lineBefore } from '../ndjson/replay.ts';
import type { LedgerPlace } from '../ndjson/store.ts';
import { type LedgerView, linesFrom } from './ledger-lines.ts';

const HINT = 'place';
export const START: LedgerPlace = { segment: 1, offset: 0 };

/** Notes where the ledger goes on behind the leaves of a tree. A hint: the next start checks it, and can do without. */
export const notePlace = (
  files: LogFiles,
  size: number,
  { segment, offset }: LedgerPlace,
): Promise<void> =>
  files.replace({ path: HINT, bytes: Buffer.from(JSON.stringify({ size, segment, offset })) });

/**
 * Where the ledger goes on behind its first `size` lines.
 * @throws {TlogError} `inconsistent` if the ledger has fewer.
 */
export async function findPlace(
  files: LogFiles,
  ledger: LedgerView,
  size: number,
): Promise<LedgerPlace> {
  return size === 0 ? START : ((await hintedPlace(files, ledger, size)) ?? count(ledger, size));
}

async function hintedPlace(
  files: LogFiles,
  ledger: LedgerView,
  size: number,
): Promise<LedgerPlace | undefined> {
  const tile = tileAt(0, Math.floor((size - 1) / TILE_WIDTH), size);
  const hint = parseHint(await files.read(HINT));
  if (hint?.size !== size || tile === undefined) return undefined;
  const line = lineBefore(ledger.pathOf(hint.segment), hint.offset);
  const leaf = hashAt(await readTileFile(files, tile), (size - 1) % TILE_WIDTH);
  const holds = line !== undefined && equalHashes(leafHash(Buffer.from(line, 'latin1')), leaf);
  return holds ? hint : undefined;
}

type Hint = LedgerPlace & { readonly size: number };

function parseHint(bytes: Uint8Array | undefined): Hint | undefined {
  try {
    const hint = JSON.parse(Buffer.from(bytes ?? []).toString()) as Hint;
    const isSound = [hint.size, hint.segment, hint.offset].every(Number.isSafeInteger);
    return isSound ? hint : undefined;
  } catch {
    return undefined;
  }
}

function count(ledger: LedgerView, size: number): LedgerPlace {
  let counted = 0;
  for (const { lines, next } of linesFrom(ledger, START)) {
    counted += lines.length;
    if (counted < size) continue;
    const spare = lines.slice(lines.length - (counted - size));
    const bytes = spare.reduce((sum, { length }) => sum + length + 1, 0);
    return { segment: next.segment, offset: next.offset - bytes };
  }
  throw new TlogError(
    'inconsistent',
    `the ledger has ${counted} lines and its log ${size} leaves: lines were taken from it`,
  );
}
