import { createPrivateKey, type KeyObject } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { checkpointText } from '@vantio/schema/tlog/checkpoint';
import { signNote } from '@vantio/schema/tlog/note';
import { createNoteSigner, formatVerifierKey, rawPublicKey } from '@vantio/schema/tlog/note-keys';
import { tilePath } from '@vantio/schema/tlog/tiles';
import { openTreeEdge } from '@vantio/schema/tlog/tree-edge';
import { leafHash } from '@vantio/schema/tlog/tree-hash';
import { createTreeReader } from '@vantio/schema/tlog/tree-reader';

export type SampleLog = {
  readonly origin: string;
  readonly vkey: string;
  readonly directory: string;
  /** Grows it to so many leaves and publishes the checkpoint, which it returns. */
  readonly grow: (size: number) => Promise<string>;
  readonly consistency: (first: number, second: number) => Promise<readonly Uint8Array[]>;
};

type Sample = {
  readonly origin?: string;
  /** Byte that the log's key is made of. */
  readonly key?: number;
  /** From this leaf on, the leaves are others than those of a log without this. */
  readonly forkAt?: number;
};

/** A log in a directory as schema/log.md, section 2, lays it out, without bundles. Keys and leaves are always the same. */
export async function sampleLog(
  directory: string,
  { origin = 'vantio.test/log', key = 1, forkAt = Number.POSITIVE_INFINITY }: Sample = {},
): Promise<SampleLog> {
  const privateKey = fixedKey(key);
  const signer = createNoteSigner(origin, privateKey);
  const readTile = async (tile: Parameters<typeof tilePath>[0]): Promise<Uint8Array> =>
    readFileSync(join(directory, tilePath(tile)));
  const edge = await openTreeEdge(0, readTile);
  const put = (path: string, bytes: string | Uint8Array): void => {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), bytes);
  };
  return {
    origin,
    vkey: formatVerifierKey({ name: origin, type: 'ed25519', publicKey: rawPublicKey(privateKey) }),
    directory,
    grow: async (size) => {
      while (edge.size() < size)
        edge.append(
          leafHash(Buffer.from(`${edge.size() < forkAt ? 'leaf' : 'other'} ${edge.size()}`)),
        );
      for (const { tile, bytes } of [...edge.takeFullTiles(), ...edge.partialTiles()])
        put(tilePath(tile), bytes);
      const note = await signNote(checkpointText({ origin, size, root: edge.root() }), [signer]);
      put(`checkpoints/${size}`, note);
      put('checkpoint', note);
      return note;
    },
    consistency: (first, second) => createTreeReader(second, readTile).consistency(first),
  };
}

/** PKCS#8 of Ed25519 is its seed behind a fixed prefix (RFC 8410). */
export const fixedKey = (byte: number): KeyObject =>
  createPrivateKey({
    key: Buffer.concat([
      Buffer.from('302e020100300506032b657004220420', 'hex'),
      Buffer.alloc(32, byte),
    ]),
    format: 'der',
    type: 'pkcs8',
  });
