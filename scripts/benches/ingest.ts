/**
 * Ingest on one core: batches of 500 over HTTP to the real server process, with validation, MAC check and fsync.
 * node scripts/benches/ingest.ts [--events 5000000] [--sessions 8] [--connections 2] [--cpu-prof]
 * INGEST_EVENTS sets the number too; memory is only said to be flat from 1,000,000 on.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createKey } from '@vantio/functions/local';
import { type Body, createEmitter, type Emitter, makeBody } from './batches.ts';
import { count, cpuSeconds, inTurn, percentile, post, residentBytes } from './load.ts';
import { printRow } from './row.ts';

const { values } = parseArgs({
  options: {
    events: { type: 'string', default: process.env.INGEST_EVENTS ?? '5000000' },
    sessions: { type: 'string', default: '8' },
    connections: { type: 'string', default: '2' },
    'cpu-prof': { type: 'boolean', default: false },
  },
});
const EVENTS = Number(values.events);
const SESSIONS = Number(values.sessions);
const CONNECTIONS = Number(values.connections);
const BATCH = 500;
/** Batches made before the clock runs, so that the client's own work is not in the figures. */
const ROUND = 400;

const directory = mkdtempSync(join(tmpdir(), 'vantio-bench-'));
const stateDir = join(directory, 'state');
const emitters: readonly Emitter[] = Array.from({ length: SESSIONS }, () =>
  createEmitter(createKey(stateDir, { tenantId: 'bench', plan: 'local' })),
);
const server = await startServer();
try {
  await run();
} finally {
  server.child.kill('SIGTERM');
  await new Promise((resolve) => server.child.once('exit', resolve));
  rmSync(directory, { recursive: true, force: true });
}

async function run(): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const resident: number[] = [];
  // The first round warms both processes up and is not in the figures.
  await sendAll(makeRound(ROUND / 4), agent, []);
  const latencies: number[] = [];
  let [sent, seconds, cpu] = [0, 0, 0];
  process.stdout.write('events      events/s  per CPU-s  p50 ms  p99 ms  RSS MB\n');
  while (sent < EVENTS) {
    const bodies = makeRound(Math.min(ROUND, Math.ceil((EVENTS - sent) / BATCH)));
    const [before, started] = [cpuSeconds(server.child.pid), performance.now()];
    await sendAll(bodies, agent, latencies);
    seconds += (performance.now() - started) / 1000;
    cpu += cpuSeconds(server.child.pid) - before;
    sent += bodies.flat().length * BATCH;
    resident.push(residentBytes(server.child.pid) / 2 ** 20);
    const row = [
      String(sent).padEnd(10),
      (sent / seconds).toFixed(0).padStart(9),
      (sent / cpu).toFixed(0).padStart(10),
      percentile(latencies, 0.5).toFixed(1).padStart(7),
      percentile(latencies, 0.99).toFixed(1).padStart(7),
      (resident.at(-1) ?? 0).toFixed(0).padStart(7),
    ];
    process.stdout.write(`${row.join(' ')}\n`);
  }
  printRows(sent, sent / seconds, sent / cpu, latencies, resident);
}

function printRows(
  sent: number,
  perSecond: number,
  perCpuSecond: number,
  latencies: readonly number[],
  resident: readonly number[],
): void {
  const what = `ingest, batches of ${BATCH}, ${CONNECTIONS} connections, server on one core`;
  printRow({
    what,
    measured: `${count(perSecond)} events/s`,
    against: `${count(perCpuSecond)} events per second of its CPU, all threads and the kernel`,
    target: '≥ 40,000/s',
    met: perSecond >= 40_000,
  });
  const p99 = percentile(latencies, 0.99);
  printRow({
    what: 'ingest, p99 of a batch from send to acknowledgement',
    measured: `${p99.toFixed(1)} ms`,
    against: `p50 ${percentile(latencies, 0.5).toFixed(1)} ms`,
    target: '< 50 ms',
    met: p99 < 50,
  });
  // The first third is left to fill the heap; what matters is whether it goes on growing.
  const early = Math.max(...resident.slice(0, Math.ceil(resident.length / 3)));
  const late = Math.max(...resident.slice(-Math.ceil(resident.length / 3)));
  printRow({
    what: `ingest, resident memory of the server over ${count(sent)} events`,
    measured: `${late.toFixed(0)} MiB at most in the last third`,
    against: `${early.toFixed(0)} MiB at most in the first`,
    ratio: late / early,
    target: '≤ 1.2 ×',
    ...(sent >= 1_000_000 ? { met: late / early <= 1.2 } : {}),
  });
}

/** One list of bodies for each session: a session's batches go one after another. */
function makeRound(batches: number): readonly (readonly Body[])[] {
  return emitters.map((emitter, index) =>
    Array.from({ length: Math.ceil((batches - index) / SESSIONS) }, () => makeBody(emitter, BATCH)),
  );
}

function sendAll(
  perSession: readonly (readonly Body[])[],
  agent: Agent,
  latencies: number[],
): Promise<void> {
  return inTurn(perSession, CONNECTIONS, async (bodies) => {
    for (const { apiKey, bytes } of bodies)
      latencies.push(
        await post(
          {
            url: `${server.url}/api/v1/ingest`,
            headers: {
              authorization: `Bearer ${apiKey}`,
              'content-type': 'application/x-ndjson',
            },
            bytes,
            status: 202,
          },
          agent,
        ),
      );
  });
}

async function startServer(): Promise<{ readonly child: ChildProcess; readonly url: string }> {
  const script = new URL('../../functions/dist/local/serve.js', import.meta.url).pathname;
  const flags = values['cpu-prof'] ? ['--cpu-prof', '--cpu-prof-dir=.'] : [];
  const options = ['--output-file', join(directory, 'audit.ndjson'), '--state-dir', stateDir];
  const command = [
    process.execPath,
    ...flags,
    script,
    ...options,
    '--rate-limit',
    '1000000',
    '--no-append-only',
  ];
  // One core for the server, the other for this process, where the machine lets itself be divided.
  const pinned = process.platform === 'linux' ? ['taskset', '-c', '0', ...command] : command;
  const [file = process.execPath, ...rest] = pinned;
  const child = spawn(file, rest, { stdio: ['ignore', 'pipe', 'inherit'] });
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout?.once('data', (chunk: Buffer) => resolve(chunk.toString().trim()));
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}`)));
  });
  return { child, url };
}
