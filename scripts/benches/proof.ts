/**
 * Proofs from the tiles of a large log on disk. node scripts/benches/proof.ts [--leaves 10000000] [--proofs 3000]
 */
import { generateKeyPairSync, hash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { checkpointText } from '@vantio/schema/tlog/checkpoint';
import { signNote } from '@vantio/schema/tlog/note';
import { createNoteSigner, createNoteVerifier, rawPublicKey } from '@vantio/schema/tlog/note-keys';
import { tilePath } from '@vantio/schema/tlog/tiles';
import { formatTlogProof, parseTlogProof, verifyTlogProof } from '@vantio/schema/tlog/tlog-proof';
import { openTreeEdge, type TreeEdge } from '@vantio/schema/tlog/tree-edge';
import { leafHash } from '@vantio/schema/tlog/tree-hash';
import { createTreeReader } from '@vantio/schema/tlog/tree-reader';
import { count, percentile } from './load.ts';
import { printRow } from './row.ts';

const { values } = parseArgs({
  options: {
    leaves: { type: 'string', default: process.env.PROOF_LEAVES ?? '10000000' },
    proofs: { type: 'string', default: '3000' },
  },
});
const LEAVES = Number(values.leaves);
const PROOFS = Number(values.proofs);
const NAME = 'bench.example/log';
/** Near what a record of an LLM call has as a ledger line. */
const ENTRY_BYTES = 900;

const scratch = mkdtempSync(join(import.meta.dirname, '.proof-'));
process.once('exit', () => rmSync(scratch, { recursive: true, force: true }));

const entryAt = (at: number): Buffer =>
  Buffer.from(`{"at":${at},"entry":"`.padEnd(ENTRY_BYTES, 'x'));

/** The entries of a proof are few: the leaves of all others are the hash of their index. */
const proved = new Set(
  Array.from({ length: PROOFS }, (_, at) => Math.floor(((at + 0.5) / PROOFS) * LEAVES)),
);
const leafAt = (at: number): Uint8Array =>
  proved.has(at) ? leafHash(entryAt(at)) : hash('sha256', String(at), 'buffer');

async function makeTree(): Promise<TreeEdge> {
  const edge = await openTreeEdge(0, () => Promise.reject(new Error('of nothing')));
  const write = (tiles: ReturnType<TreeEdge['takeFullTiles']>): void => {
    for (const { tile, bytes } of tiles) {
      const path = join(scratch, tilePath(tile));
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, bytes);
    }
  };
  for (let at = 0; at < LEAVES; at++) {
    edge.append(leafAt(at));
    if (at % 65_536 === 0) write(edge.takeFullTiles());
  }
  write([...edge.takeFullTiles(), ...edge.partialTiles()]);
  return edge;
}

const edge = await makeTree();
const { privateKey } = generateKeyPairSync('ed25519');
const key = { name: NAME, type: 'ed25519', publicKey: rawPublicKey(privateKey) } as const;
const checkpoint = await signNote(
  checkpointText({ origin: NAME, size: LEAVES, root: edge.root() }),
  [createNoteSigner(NAME, privateKey)],
);
const reader = createTreeReader(LEAVES, (tile) => readFile(join(scratch, tilePath(tile))));
const verifier = createNoteVerifier(key);

const [made, verified, sizes]: [number[], number[], number[]] = [[], [], []];
for (const index of [...proved].sort(() => Math.random() - 0.5)) {
  const entry = entryAt(index);
  const started = performance.now();
  const hashes = await reader.inclusion(index);
  made.push(performance.now() - started);
  const proof = formatTlogProof({ index, hashes, checkpoint, extra: entry });
  sizes.push(Buffer.byteLength(proof));
  const received = performance.now();
  const parsed = parseTlogProof(proof);
  verifyTlogProof(parsed, leafHash(parsed.extra ?? new Uint8Array()), verifier);
  verified.push(performance.now() - received);
}
const p99 = percentile(made, 0.99);
printRow({
  what: `inclusion proof from the tiles of ${count(LEAVES)} leaves on disk, p99 of ${count(PROOFS)}`,
  measured: `${p99.toFixed(2)} ms`,
  against: `p50 ${percentile(made, 0.5).toFixed(2)} ms; a bare read of one tile ${bareRead().toFixed(2)} ms`,
  target: '< 5 ms',
  met: p99 < 5,
});
const largest = Math.max(...sizes);
printRow({
  what: `… as a tlog-proof with an entry of ${ENTRY_BYTES} bytes, the largest`,
  measured: `${count(largest)} bytes`,
  against: `checked in ${percentile(verified, 0.99).toFixed(2)} ms (p99, Node, one core)`,
  target: '< 10 kB',
  met: largest < 10_000,
});

function bareRead(): number {
  const times = Array.from({ length: 200 }, (_, at) => {
    const index = Math.floor((at / 200) * Math.floor(LEAVES / 256));
    const started = performance.now();
    readFileSync(join(scratch, tilePath({ level: 0, index, width: 256 })));
    return performance.now() - started;
  });
  return percentile(times, 0.5);
}
