/**
 * Proofs from the tiles of a large log on disk. node scripts/benches/proof.ts [--leaves 10000000] [--proofs 3000]
 */
import { spawnSync } from 'node:child_process';
import { generateKeyPairSync, hash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { parseLedgerLine } from '@vantio/schema';
import { checkpointText } from '@vantio/schema/tlog/checkpoint';
import { cosign, witnessKeyOf } from '@vantio/schema/tlog/cosignature';
import { signNote } from '@vantio/schema/tlog/note';
import {
  createNoteSigner,
  createNoteVerifier,
  formatVerifierKey,
  rawPublicKey,
} from '@vantio/schema/tlog/note-keys';
import { tilePath } from '@vantio/schema/tlog/tiles';
import { formatTlogProof, parseTlogProof, verifyTlogProof } from '@vantio/schema/tlog/tlog-proof';
import { openTreeEdge, type TreeEdge } from '@vantio/schema/tlog/tree-edge';
import { leafHash } from '@vantio/schema/tlog/tree-hash';
import { createTreeReader } from '@vantio/schema/tlog/tree-reader';
import type { EventProofRequest } from '../../sdk/cli/dist/verify/event-proof.js';
import { printBrowserRow } from './browser-proof.ts';
import { makeLedgerLines } from './ledger-lines.ts';
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
const WITNESS = 'bench.example/witness';
/** Proofs that a browser checks. */
const CHECKED = 500;

const scratch = mkdtempSync(join(import.meta.dirname, '.proof-'));
process.once('exit', () => rmSync(scratch, { recursive: true, force: true }));

/** The entries that are proved are few: the leaves of all others are the hash of their index. */
const lines = makeLedgerLines(PROOFS);
const entries = new Map(
  lines.map((line, at) => [Math.floor(((at + 0.5) / PROOFS) * LEAVES), Buffer.from(line)]),
);
const entryBytes = Math.max(...[...entries.values()].map(({ length }) => length));
const leafAt = (at: number): Uint8Array => {
  const entry = entries.get(at);
  return entry ? leafHash(entry) : hash('sha256', String(at), 'buffer');
};

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
// A log's tiles have long reached the disk when a proof is asked for: the clock must not meet their writing.
spawnSync('sync', ['--file-system', scratch]);
const { privateKey } = generateKeyPairSync('ed25519');
const key = { name: NAME, type: 'ed25519', publicKey: rawPublicKey(privateKey) } as const;
const text = checkpointText({ origin: NAME, size: LEAVES, root: edge.root() });
const witnessKey = generateKeyPairSync('ed25519').privateKey;
const now = Math.floor(Date.now() / 1000);
const checkpoint = `${await signNote(text, [createNoteSigner(NAME, privateKey)])}${cosign(text, now, WITNESS, witnessKey)}\n`;
const reader = createTreeReader(LEAVES, (tile) => readFile(join(scratch, tilePath(tile))));
const verifier = createNoteVerifier(key);

const [made, verified, sizes]: [number[], number[], number[]] = [[], [], []];
const checked: EventProofRequest[] = [];
for (const [index, entry] of [...entries].sort(() => Math.random() - 0.5)) {
  const started = performance.now();
  const hashes = await reader.inclusion(index);
  made.push(performance.now() - started);
  const proof = formatTlogProof({ index, hashes, checkpoint, extra: entry });
  sizes.push(Buffer.byteLength(proof));
  const received = performance.now();
  const parsed = parseTlogProof(proof);
  verifyTlogProof(parsed, leafHash(parsed.extra ?? new Uint8Array()), verifier);
  verified.push(performance.now() - received);
  if (checked.length < CHECKED)
    checked.push({
      proof,
      eventId: parseLedgerLine(entry.toString()).record.event_id,
      vkey: formatVerifierKey(key),
      witnesses: [formatVerifierKey(witnessKeyOf(WITNESS, witnessKey))],
    });
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
  what: `… as a tlog-proof with a cosignature and an entry of ${entryBytes} bytes, the largest`,
  measured: `${count(largest)} bytes`,
  against: `checked in ${percentile(verified, 0.99).toFixed(2)} ms (p99, Node, one core)`,
  target: '< 10 kB',
  met: largest < 10_000,
});
await printBrowserRow(checked);

function bareRead(): number {
  const times = Array.from({ length: 200 }, (_, at) => {
    const index = Math.floor((at / 200) * Math.floor(LEAVES / 256));
    const started = performance.now();
    readFileSync(join(scratch, tilePath({ level: 0, index, width: 256 })));
    return performance.now() - started;
  });
  return percentile(times, 0.5);
}
