import { type Checkpoint, checkpointText, openCheckpoint } from '@vantio/schema/tlog/checkpoint';
import { formatBundle, MAX_ENTRY_BYTES, parseBundle } from '@vantio/schema/tlog/entry-bundle';
import { type NoteSigner, type NoteVerifier, signNote } from '@vantio/schema/tlog/note';
import { TILE_WIDTH, type Tile, tileAt, tilePath } from '@vantio/schema/tlog/tiles';
import { TlogError } from '@vantio/schema/tlog/tlog-error';
import { openTreeEdge } from '@vantio/schema/tlog/tree-edge';
import { equalHashes, leafHash } from '@vantio/schema/tlog/tree-hash';
import { createTreeReader } from '@vantio/schema/tlog/tree-reader';
import { verifyConsistency } from '@vantio/schema/tlog/verify-proof';
import type { LogFile, LogFiles } from './log-files.ts';
import { readLastCheckpoint, readTileFile } from './read-log.ts';

export type SealerOptions = {
  readonly files: LogFiles;
  readonly signer: NoteSigner;
  /** The next key, while `signer` hands over to it: it signs as well. */
  readonly nextSigner?: NoteSigner;
  /** Of `signer`, or of all keys that the log has had. */
  readonly verifier: NoteVerifier | readonly NoteVerifier[];
};

/** Files of about 9 MB: hashes and entries of 8,000 records. */
const MAX_STAGED = 64;

/**
 * Makes entries into leaves, and signs what they add up to. Holds the right edge of the tree and one bundle in memory.
 * After a call that rejected, open another: what is on disk decides. One call at a time.
 */
export type Sealer = {
  /** Leaves so far, signed or not. */
  readonly size: () => number;
  /** The newest checkpoint; undefined before the first. */
  readonly published: () => Checkpoint | undefined;
  /** Appends entries in their order. Full tiles and bundles are written as they come, at the latest by `flush`. */
  readonly append: (entries: readonly Uint8Array[]) => Promise<void>;
  /** Writes what is partial. */
  readonly flush: () => Promise<void>;
  /**
   * Flushes, proves to itself that the new tree goes on from the last checkpoint, and signs and publishes it.
   * @throws {TlogError} `inconsistent`, and then nothing is signed.
   */
  readonly publish: () => Promise<void>;
};

/**
 * @throws {TlogError} `unknown_key` or `other_log` if the last checkpoint is of another key or log; what a damaged tile throws.
 */
export async function openSealer(options: SealerOptions): Promise<Sealer> {
  const { files, signer, nextSigner, verifier } = options;
  let published = await readLastCheckpoint(files, verifier);
  const start = published?.size ?? 0;
  const readTile = (tile: Tile): Promise<Uint8Array> => readTileFile(files, tile);
  const edge = await openTreeEdge(start, readTile);
  if (published && !equalHashes(edge.root(), published.root))
    throw new TlogError('inconsistent', 'the tiles make another root than the last checkpoint has');
  let bundle = await openBundle(files, start);
  /** Full tiles and bundles that are not written yet: many are synced together. */
  let full: LogFile[] = [];

  const append = async (entries: readonly Uint8Array[]): Promise<void> => {
    for (const entry of entries) {
      if (entry.length > MAX_ENTRY_BYTES)
        throw new TlogError('bad_bundle', `an entry has over ${MAX_ENTRY_BYTES} bytes`);
      edge.append(leafHash(entry));
      bundle.push(entry);
      if (bundle.length < TILE_WIDTH) continue;
      const index = edge.size() / TILE_WIDTH - 1;
      full.push(bundleFile({ level: 'entries', index, width: TILE_WIDTH }, bundle));
      bundle = [];
    }
    for (const { tile, bytes } of edge.takeFullTiles()) full.push({ path: tilePath(tile), bytes });
    if (full.length >= MAX_STAGED) await writeFull();
  };

  const writeFull = async (): Promise<void> => {
    const staged = full;
    full = [];
    await files.writeOnce(staged);
    await files.dropPartials(staged.map(({ path }) => path));
  };

  const flush = async (): Promise<void> => {
    if (full.length > 0) await writeFull();
    const tile = tileAt('entries', Math.floor(edge.size() / TILE_WIDTH), edge.size());
    await files.writeOnce([
      ...edge.partialTiles().map(({ tile, bytes }) => ({ path: tilePath(tile), bytes })),
      ...(tile === undefined ? [] : [bundleFile(tile, bundle)]),
    ]);
  };

  const publish = async (): Promise<void> => {
    const head = { origin: signer.name, size: edge.size(), root: edge.root() };
    if (head.size === published?.size) return;
    await flush();
    await requireGrowth(files, verifier, published, head);
    const note = await signNote(checkpointText(head), nextSigner ? [signer, nextSigner] : [signer]);
    const bytes = Buffer.from(note);
    await files.writeOnce([{ path: `checkpoints/${head.size}`, bytes }]);
    await files.replace({ path: 'checkpoint', bytes });
    published = openCheckpoint(note, verifier);
  };

  return { size: edge.size, published: () => published, append, flush, publish };
}

/** Entries of the last bundle, if it is partial. */
async function openBundle(files: LogFiles, size: number): Promise<Uint8Array[]> {
  const tile = tileAt('entries', Math.floor(size / TILE_WIDTH), size);
  if (tile === undefined) return [];
  return [...parseBundle(await readTileFile(files, tile), tile.width)];
}

const bundleFile = (tile: Tile, entries: readonly Uint8Array[]): LogFile => ({
  path: tilePath(tile),
  bytes: formatBundle(entries),
});

/**
 * The last look before signing, at what is on storage and not at what memory holds: nobody else has signed meanwhile, the
 * tiles as they were written make the new root, and the proof from them leads from the last root to it.
 */
async function requireGrowth(
  files: LogFiles,
  verifier: SealerOptions['verifier'],
  before: Checkpoint | undefined,
  now: { readonly size: number; readonly root: Uint8Array },
): Promise<void> {
  const stored = await readLastCheckpoint(files, verifier);
  if (stored?.size !== before?.size)
    throw new TlogError('inconsistent', 'another sealer has signed a checkpoint of this log');
  const reader = createTreeReader(now.size, (tile) => readTileFile(files, tile));
  if (!equalHashes(await reader.root(), now.root))
    throw new TlogError('inconsistent', 'the tiles as they were written make another root');
  if (stored === undefined) return;
  const hashes = await reader.consistency(stored.size);
  verifyConsistency({ first: stored, second: now, hashes });
}
