import * as crypto from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { checkpointText } from '@vantio/schema/tlog/checkpoint';
import { formatBundle } from '@vantio/schema/tlog/entry-bundle';
import { signNote } from '@vantio/schema/tlog/note';
import { createNoteSigner, formatVerifierKey, rawPublicKey } from '@vantio/schema/tlog/note-keys';
import { TILE_WIDTH, tilePath, tilesBetween } from '@vantio/schema/tlog/tiles';
import { openTreeEdge } from '@vantio/schema/tlog/tree-edge';
import { leafHash } from '@vantio/schema/tlog/tree-hash';

export type WrittenLog = { readonly folder: string; readonly vkey: string };

export const ORIGIN = 'vantio.local/0123456789abcdef0123456789abcdef';

/** Some are empty, some long, one is the longest that there may be. */
const madeUpEntry = (word: string, index: number): Buffer =>
  Buffer.alloc(index === 40 ? 65_535 : (index * 37) % 91, `${word} ${index} `);

export function writeKey(file: string, publicKey: crypto.KeyObject): void {
  const key = { name: ORIGIN, type: 'ed25519', publicKey: rawPublicKey(publicKey) } as const;
  writeFileSync(file, `${formatVerifierKey(key)}\n`);
}

/** Writes a log as schema/log.md says, section 2, with a checkpoint of each size, the largest last. */
export async function writeLog(
  under: string,
  sizes: readonly number[],
  { privateKey }: { readonly privateKey: crypto.KeyObject } = crypto.generateKeyPairSync('ed25519'),
  word = 'entry',
): Promise<WrittenLog> {
  const [folder, vkey] = [join(under, 'ledger.log'), join(under, 'ledger.vkey')];
  const write = (path: string, content: Uint8Array | string): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  };
  const edge = await openTreeEdge(0, async (tile) => readFileSync(join(folder, tilePath(tile))));
  for (const size of sizes) {
    const before = edge.size();
    for (let index = before; index < size; index++) edge.append(leafHash(madeUpEntry(word, index)));
    for (const { tile, bytes } of [...edge.takeFullTiles(), ...edge.partialTiles()])
      write(tilePath(tile), bytes);
    for (const tile of tilesBetween(before, size)) {
      if (tile.level !== 'entries') continue;
      const first = tile.index * TILE_WIDTH;
      const entries = Array.from({ length: tile.width }, (_, at) => madeUpEntry(word, first + at));
      write(tilePath(tile), formatBundle(entries));
    }
    const text = checkpointText({ origin: ORIGIN, size, root: edge.root() });
    const note = await signNote(text, [createNoteSigner(ORIGIN, privateKey)]);
    write(`checkpoints/${size}`, note);
    write('checkpoint', note);
  }
  writeKey(vkey, privateKey);
  return { folder, vkey };
}
