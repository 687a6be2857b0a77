/**
 * Appends entries to a ledger file and seals them, beside Tessera's POSIX driver with the same entries on the same disk.
 * node scripts/benches/seal.ts [--entries 200000] [--rounds 3]
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createNoteSigner, createNoteVerifier, rawPublicKey } from '@vantio/schema/tlog/note-keys';
import { createDiskLogFiles } from '../../functions/src/local/log/disk-log-files.ts';
import { createLedgerSealer } from '../../functions/src/local/log/ledger-sealer.ts';
import { runByClock } from '../../functions/src/local/log/run-by-clock.ts';
import {
  createAppendFile,
  openAppendHandle,
} from '../../functions/src/local/ndjson/append-file.ts';
import { count, percentile } from './load.ts';
import { printRow } from './row.ts';

// As run-local.ts does for a server.
process.env.UV_THREADPOOL_SIZE ??= '16';

const { values } = parseArgs({
  options: {
    entries: { type: 'string', default: process.env.SEAL_ENTRIES ?? '200000' },
    rounds: { type: 'string', default: '3' },
  },
});
const ENTRIES = Number(values.entries);
const ROUNDS = Number(values.rounds);
/** Bytes of an entry, near what a record of an LLM call has as a ledger line. */
const ENTRY_BYTES = 900;
/** Entries of a group commit, and of a batch of the peer's. */
const BATCH = 4096;
const INTERVAL_MILLIS = 1000;

// Not in /tmp, which may be memory.
const scratch = mkdtempSync(join(import.meta.dirname, '.seal-'));
process.once('exit', () => rmSync(scratch, { recursive: true, force: true }));

const lines = Array.from(
  { length: ENTRIES },
  (_, at) => `{"at":${at},"entry":"${'x'.repeat(ENTRY_BYTES - 22 - String(at).length)}"}\n`,
);

/** Seconds from the first append to a signed checkpoint that covers the last entry. */
async function ours(directory: string): Promise<number> {
  mkdirSync(directory);
  const path = join(directory, 'ledger.ndjson');
  const { privateKey } = generateKeyPairSync('ed25519');
  const name = 'bench.example/log';
  const key = { name, type: 'ed25519', publicKey: rawPublicKey(privateKey) } as const;
  const file = createAppendFile(await openAppendHandle(path), 0);
  const { poke, close } = runByClock({
    run: createLedgerSealer(
      {
        files: createDiskLogFiles(join(directory, 'ledger.log')),
        signer: createNoteSigner(name, privateKey),
        verifier: createNoteVerifier(key),
      },
      { end: () => ({ segment: 1, offset: file.size() }), pathOf: () => path },
    ),
    intervalMillis: INTERVAL_MILLIS,
    retryMillis: INTERVAL_MILLIS,
    onFault: (error) => {
      throw error;
    },
  });
  const started = performance.now();
  for (let at = 0; at < lines.length; at += BATCH) {
    await file.append(Buffer.from(lines.slice(at, at + BATCH).join(''), 'latin1'));
    poke();
  }
  await close();
  const seconds = (performance.now() - started) / 1000;
  await file.close();
  return seconds;
}

function buildPeer(): string | undefined {
  const binary = join(scratch, 'tessera-bench');
  const built = spawnSync('go', ['build', '-o', binary, '.'], {
    cwd: join(import.meta.dirname, 'tessera'),
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return built.status === 0 ? binary : undefined;
}

const peer = buildPeer();
if (peer === undefined)
  console.error('  without Tessera: it could not be built (Go 1.24 or newer)');
const input = join(scratch, 'lines');
writeFileSync(input, lines.join(''), 'latin1');
const [own, others]: [number[], number[]] = [[], []];
for (let round = 0; round < ROUNDS; round++) {
  const directory = join(scratch, `round-${round}`);
  mkdirSync(directory);
  own.push(await ours(join(directory, 'own')));
  if (peer !== undefined)
    others.push(
      Number(
        execFileSync(peer, [input, join(directory, 'peer'), String(BATCH)], {
          stdio: ['ignore', 'pipe', 'ignore'],
        }).toString(),
      ),
    );
  rmSync(directory, { recursive: true });
}
const [seconds, peerSeconds] = [own, others].map((all) => percentile(all, 0.5)) as [number, number];
printRow({
  what: `append + seal, ${count(ENTRIES)} entries of ${ENTRY_BYTES} bytes, synced, a checkpoint a second, median of ${ROUNDS}`,
  measured: `${count(ENTRIES / seconds)} entries/s`,
  ...(peer === undefined
    ? { against: 'Tessera could not be built here' }
    : {
        against: `Tessera POSIX 1.0.4, batches of ${count(BATCH)}: ${count(ENTRIES / peerSeconds)} entries/s`,
        ratio: peerSeconds / seconds,
        target: '≥ 1 ×',
        met: seconds <= peerSeconds,
      }),
});
