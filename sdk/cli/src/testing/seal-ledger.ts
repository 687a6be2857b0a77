import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseLedgerLine } from '@vantio/schema';
import { formatLogEntry } from '@vantio/schema/log-entry';
import { checkpointText, type TreeHead } from '@vantio/schema/tlog/checkpoint';
import { cosign } from '@vantio/schema/tlog/cosignature';
import { formatBundle } from '@vantio/schema/tlog/entry-bundle';
import { signNote } from '@vantio/schema/tlog/note';
import { createNoteSigner, formatVerifierKey, rawPublicKey } from '@vantio/schema/tlog/note-keys';
import { TILE_WIDTH, tileAt, tilePath } from '@vantio/schema/tlog/tiles';
import { openTreeEdge } from '@vantio/schema/tlog/tree-edge';
import { leafHash } from '@vantio/schema/tlog/tree-hash';
import { fixedKey } from '@vantio/schema/vectors/fixed-keys';

export const LOG_KEY = fixedKey('log');
export const WITNESS_KEY = fixedKey('witness');
export const WITNESS = 'witness.example/w1';
export const WITNESS_VKEY = formatVerifierKey({
  name: WITNESS,
  type: 'cosignatureEd25519',
  publicKey: rawPublicKey(WITNESS_KEY),
});

export type SealedLog = {
  readonly directory: string;
  readonly origin: string;
  /** The log's verifier key. */
  readonly vkey: string;
  /** Of each size that was published. */
  readonly heads: ReadonlyMap<number, TreeHead>;
  readonly put: (path: string, bytes: string | Uint8Array) => void;
};

export type SealOptions = {
  /** Sizes of the trees that are published, rising. */
  readonly sizes: readonly number[];
  /** Times at which the witness cosigned them, in seconds; none for what is left out. */
  readonly cosigned?: Readonly<Record<number, number>>;
  /** As cloud mode has it, of a ledger that was exported from there: the tenant's, with rows committed at this instant. */
  readonly cloud?: { readonly committed: string; readonly tenant: string };
};

export const CLOUD_LOG = 'log.example';

export const verifierKeyOf = (origin: string): string =>
  formatVerifierKey({ name: origin, type: 'ed25519', publicKey: rawPublicKey(LOG_KEY) });

/** @param text of a checkpoint, or what passes for one. */
export const signText = (text: string, name: string, key = LOG_KEY): Promise<string> =>
  signNote(text, [createNoteSigner(name, key)]);

/** A checkpoint signed by the log's key, or by another under its name. */
export const signHead = (head: TreeHead, key = LOG_KEY): Promise<string> =>
  signText(checkpointText(head), head.origin, key);

export const cosignHead = (head: TreeHead, time: number, name = WITNESS): string =>
  cosign(checkpointText(head), time, name, WITNESS_KEY);

/** The log of a ledger, beside it, as a sealer that never drops a partial tile leaves it. */
export async function sealLedger(
  ledger: string,
  { sizes, cosigned = {}, cloud }: SealOptions,
): Promise<SealedLog> {
  const own = linesOf(readFileSync(ledger));
  const lines = cloud === undefined ? own : own.map((line) => rowOf(line, cloud.committed));
  const origin =
    cloud === undefined
      ? `vantio.local/${/"received_mac":"([0-9a-f]{32})/.exec(String(own[0]))?.[1]}`
      : `${CLOUD_LOG}/${cloud.tenant}`;
  const directory = ledger.replace(/\.ndjson$/, '.log');
  const put = (path: string, bytes: string | Uint8Array): void => {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), bytes);
  };
  const putBundle = (index: number, size: number): void => {
    const tile = tileAt('entries', index, size);
    if (tile === undefined) return;
    const from = index * TILE_WIDTH;
    put(tilePath(tile), formatBundle(lines.slice(from, from + tile.width)));
  };
  const edge = await openTreeEdge(0, () => Promise.reject(new Error('no tile is read')));
  const heads = new Map<number, TreeHead>();
  for (const size of sizes) {
    while (edge.size() < size) {
      edge.append(leafHash(lines[edge.size()] ?? Buffer.alloc(0)));
      if (edge.size() % TILE_WIDTH === 0) putBundle(edge.size() / TILE_WIDTH - 1, edge.size());
    }
    for (const { tile, bytes } of [...edge.takeFullTiles(), ...edge.partialTiles()])
      put(tilePath(tile), bytes);
    putBundle(Math.floor(size / TILE_WIDTH), size);
    const head = { origin, size, root: edge.root() };
    heads.set(size, head);
    const note = await signHead(head);
    put(`checkpoints/${size}`, note);
    put('checkpoint', note);
    const time = cosigned[size];
    if (time !== undefined) put(`cosignatures/${size}`, `${cosignHead(head, time)}\n`);
  }
  const vkey = verifierKeyOf(origin);
  writeFileSync(ledger.replace(/\.ndjson$/, '.vkey'), `${vkey}\n`);
  return { directory, origin, vkey, heads, put };
}

function rowOf(line: Buffer, commitTimestamp: string): Buffer {
  const { receivedAt, canonical, mac } = parseLedgerLine(String(line));
  return Buffer.from(formatLogEntry({ commitTimestamp, receivedAt, canonical, mac }));
}

function linesOf(text: Buffer): readonly Buffer[] {
  const lines: Buffer[] = [];
  for (let at = 0, end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', at)) {
    lines.push(text.subarray(at, end));
    at = end + 1;
  }
  return lines;
}
