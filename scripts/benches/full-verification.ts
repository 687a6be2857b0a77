import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { runVerify } from '../../sdk/cli/dist/verify/run-verify.js';
import { bareLoop } from './bare-loop.ts';
import { printRow } from './row.ts';
import { makeSealedLedger } from './sealed-ledger.ts';

const ROUNDS = 3;
const MAX_MIB = 286;

type Ran = { readonly seconds: number; readonly mib: number };

/** A ledger with its log and a witness, verified whole, beside a bare loop of the same operations on all cores. */
export async function measureFullVerification(records: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'vantio-bench-'));
  try {
    const { file, apiKey, vkey, witness } = await makeSealedLedger(folder, records);
    const keyFile = join(folder, 'agent.key');
    writeFileSync(keyFile, `${apiKey}\n`, { mode: 0o600 });
    const verifies: Ran[] = [];
    const bare: number[] = [];
    // In turn, the better of each: the page cache and the machine's other work weigh on both alike.
    for (let round = 0; round < ROUNDS; round++) {
      verifies.push(verifyInProcess([file, keyFile, vkey, witness]));
      bare.push(await bareLoop(file, apiKey));
    }
    const seconds = Math.min(...verifies.map((ran) => ran.seconds));
    const loop = Math.min(...bare);
    const ratio = seconds / loop;
    const what = `full verification with log and witness, ${records.toLocaleString('en-US')} records`;
    printRow({
      what: `${what}, from start to end of the process`,
      measured: `${seconds.toFixed(2)} s`,
      against: `a bare loop of its SHA-256, HMAC and Ed25519 on ${availableParallelism()} cores ${loop.toFixed(2)} s`,
      ratio,
      target: '≤ 2.5 ×',
      met: ratio <= 2.5,
    });
    const mib = Math.max(...verifies.map((ran) => ran.mib));
    printRow({
      what: '… its peak memory, both threads',
      measured: `${mib.toFixed(0)} MiB`,
      target: '< 300 MB',
      met: mib < MAX_MIB,
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function verifyInProcess(args: readonly string[]): Ran {
  const start = performance.now();
  const { stdout, stderr } = spawnSync(process.execPath, [import.meta.filename, ...args], {
    encoding: 'utf8',
  });
  const seconds = (performance.now() - start) / 1000;
  if (!/^[0-9]+\n$/.test(stdout)) throw new Error(`it does not verify: ${stdout}${stderr}`);
  return { seconds, mib: Number(stdout) / 1024 };
}

/** Prints kilobytes. */
async function verifyHere([file = '', keyFile = '', vkey = '', witness = '']: readonly string[]) {
  const { wrong, logs } = await runVerify([file], {
    keyFile: [keyFile],
    sessionRoot: [],
    expectHead: [],
    vkey: [vkey],
    witness: [witness],
    receipts: [],
    checkpoint: [],
  });
  if (Object.keys(wrong).length > 0 || logs[0]?.words[0] !== 'verified')
    throw new Error('the benchmark made a log that does not verify');
  process.stdout.write(`${process.resourceUsage().maxRSS}\n`);
}

if (process.argv[1] === import.meta.filename) await verifyHere(process.argv.slice(2));
