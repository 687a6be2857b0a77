import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Checkpoint, openCheckpoint } from '@vantio/schema/tlog/checkpoint';
import { formatBundle } from '@vantio/schema/tlog/entry-bundle';
import type { NoteVerifier } from '@vantio/schema/tlog/note';
import { createNoteVerifier, parseVerifierKey } from '@vantio/schema/tlog/note-keys';
import { TILE_WIDTH, type Tile, tilePath, tilesBetween } from '@vantio/schema/tlog/tiles';
import { openTreeEdge } from '@vantio/schema/tlog/tree-edge';
import { equalHashes, leafHash } from '@vantio/schema/tlog/tree-hash';
import { ledgerFiles } from './ledger.ts';

export const logDirectoryOf = (ledger: string): string => ledger.replace(/ndjson$/, 'log');

/** The verifier of a log, from the key beside its ledger. */
export const verifierOf = (ledger: string): NoteVerifier =>
  createNoteVerifier(
    parseVerifierKey(readFileSync(ledger.replace(/ndjson$/, 'vkey'), 'utf8').trim()),
  );

/** Of all keys that a log has had. */
export const verifiersOf = (ledger: string): readonly NoteVerifier[] =>
  readFileSync(ledger.replace(/ndjson$/, 'vkey'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => createNoteVerifier(parseVerifierKey(line)));

export const linesOfLedger = (ledger: string): readonly Uint8Array[] =>
  ledgerFiles(ledger).flatMap((path) =>
    readFileSync(path, 'latin1')
      .split('\n')
      .slice(0, -1)
      .map((line) => Buffer.from(line, 'latin1')),
  );

/** Every checkpoint that was published is of the ledger's first lines, and every tile of the newest is what they make. */
export async function requireSound(ledger: string): Promise<Checkpoint> {
  const directory = logDirectoryOf(ledger);
  const verifier = verifiersOf(ledger);
  const read = (path: string): Buffer => readFileSync(join(directory, path));
  const newest = openCheckpoint(read('checkpoint').toString(), verifier);
  const entries = linesOfLedger(ledger);
  const edge = await openTreeEdge(0, () => Promise.reject(new Error('of nothing')));
  // A killed server may leave a draft beside them.
  const names = readdirSync(join(directory, 'checkpoints')).filter((name) => /^\d+$/.test(name));
  const published = new Set(names.map(Number));
  assert.ok(published.has(newest.size));
  for (const entry of entries.slice(0, Math.max(...published))) {
    edge.append(leafHash(entry));
    if (!published.has(edge.size())) continue;
    const checkpoint = openCheckpoint(read(`checkpoints/${edge.size()}`).toString(), verifier);
    assert.equal(checkpoint.size, edge.size());
    assert.ok(equalHashes(checkpoint.root, edge.root()), `checkpoint ${edge.size()}`);
  }
  const tiles = new Map(
    [...edge.takeFullTiles(), ...edge.partialTiles()].map(({ tile, bytes }) => [
      tilePath(tile),
      bytes,
    ]),
  );
  const expected = (tile: Tile): Uint8Array | undefined =>
    tile.level === 'entries'
      ? formatBundle(entries.slice(tile.index * TILE_WIDTH, tile.index * TILE_WIDTH + tile.width))
      : tiles.get(tilePath(tile));
  for (const tile of tilesBetween(0, newest.size))
    assert.deepEqual(read(tilePath(tile)), Buffer.from(expected(tile) ?? []), tilePath(tile));
  return newest;
}
