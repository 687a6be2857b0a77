/**
 * What the agent's programs cost in the kernel, its way from the kernel's ring to signed records on disk, its memory under a flood, how
 * soon it sees, and what it costs beside work and a program that speaks to it. Needs root and what builds the agent. node scripts/benches/agent.ts [PART]…
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { measureFetch } from './agent/fetch.ts';
import { measureHooks } from './agent/hooks.ts';
import { measureOverhead } from './agent/overhead.ts';
import { measureUprobes } from './agent/uprobe.ts';
import { count, percentile } from './load.ts';
import { printRow } from './row.ts';

const WORKSPACE = resolve('agent');
const CARGO = process.env.VANTIO_CARGO;
const STARTS = 11;
const FLOOD = 1_000_000;
const MIB = 2 ** 20;
const PARTS = ['size', 'hooks', 'uprobe', 'flood', 'start', 'memory', 'fetch', 'overhead'] as const;

function build(): string {
  if (CARGO === undefined)
    throw new Error("no cargo here, or no compiler for the kernel's programs");
  const out = execFileSync(CARGO, ['xtask', 'build'], {
    cwd: WORKSPACE,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return out.toString().trim().split('\n').at(-1) ?? '';
}

type Flood = {
  readonly bench: 'decode' | 'sign';
  readonly events?: number;
  readonly seen?: number;
  readonly lost?: number;
  readonly records?: number;
  readonly wall: number;
  readonly cpu: number;
};

/** On one core: what signs has no other thread to help it. */
function flood(): Flood[] {
  const bench = ['xtask', 'flood'];
  const ran = spawnSync('taskset', ['--cpu-list', '0', CARGO ?? '', ...bench], {
    cwd: WORKSPACE,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (ran.status !== 0) throw new Error(`cargo xtask flood ended with ${ran.status}`);
  const lines = ran.stdout.toString().split('\n');
  return lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as Flood);
}

function printFlood({ bench, events, seen, lost, records = 0, wall, cpu }: Flood): void {
  if (bench === 'sign') {
    printRow({
      what: `records signed onto disk, batches of 2,048, synced, one core`,
      measured: `${count(records / wall)}/s`,
      against: `${count(records / cpu)} per second of its CPU`,
      target: '≥ 100,000/s',
      met: records / wall >= 100_000,
    });
    return;
  }
  const [made, taken, dropped] = [events ?? 0, seen ?? 0, lost ?? 0];
  printRow({
    what: `flood of ${count(made)} opens: decoded + counted as lost`,
    measured: `${count(taken)} + ${count(dropped)}`,
    target: `= ${count(made)}`,
    met: taken + dropped === made,
  });
  printRow({
    what: 'events taken from the ring, decoded, gathered and handed on, one core',
    measured: `${count(taken / wall)}/s`,
    against: `${count(taken / cpu)} per second of its CPU`,
    target: '≥ 400,000/s',
    met: taken / wall >= 400_000,
  });
}

function measureSize(program: string): void {
  const bytes = statSync(program).size;
  printRow({
    what: 'vantio-agent, one static binary',
    measured: `${(bytes / MIB).toFixed(1)} MiB`,
    target: '≤ 12 MiB',
    met: bytes <= 12 * MIB,
  });
}

function measureStart(program: string, sockets: readonly string[]): void {
  const starts: number[] = [];
  for (let round = 0; round < STARTS; round++) {
    const { stderr } = spawnSync(program, ['run', '--show', ...sockets, '--', 'true']);
    const [, millis = 'NaN'] = stderr.toString().match(/first event after (\d+) ms/) ?? [];
    starts.push(Number(millis));
  }
  const median = percentile(starts, 0.5);
  printRow({
    what: `start of the program to the first event of a process, median of ${STARTS}`,
    measured: `${median} ms`,
    target: '≤ 1,000 ms',
    met: median <= 1000,
  });
}

async function measureMemory(
  program: string,
  sockets: readonly string[],
  ledger: string,
  apiKey: string,
): Promise<void> {
  const env = { ...process.env, VANTIO_API_KEY: apiKey };
  const output = ['--output-file', ledger, '--listen', 'off', '--rate', '0'];
  const agent = spawn(program, ['record', ...sockets, ...output], { stdio: 'ignore', env });
  const status = () => spawnSync(program, ['status', '--json', ...sockets]).stdout.toString();
  while (!status().startsWith('{')) await sleep(100);
  const script = `const fs = require('node:fs');
for (let at = 0; at < ${FLOOD}; at++) { try { fs.openSync('/nowhere/' + at); } catch {} }`;
  const run = ['run', ...sockets, '--', process.execPath, '-e', script];
  spawnSync(program, run, { stdio: 'ignore' });
  const own = readFileSync(`/proc/${agent.pid}/status`, 'utf8');
  const peak = Number(own.match(/VmHWM:\s+(\d+)/)?.[1]);
  printRow({
    what: `resident memory of vantio-agent record at most, over a flood of ${count(FLOOD)} opens`,
    measured: `${(peak / 1024).toFixed(1)} MiB`,
    target: '≤ 40 MiB',
    met: peak <= 40 * 1024,
  });
  const closed = new Promise((resolve) => agent.once('close', resolve));
  agent.kill('SIGTERM');
  await closed;
}

const asked = process.argv.slice(2);
const wants = (part: (typeof PARTS)[number]): boolean => asked.length === 0 || asked.includes(part);
const program = build();
const { accept } = JSON.parse(readFileSync('sdk/vectors/api-keys.json', 'utf8')) as {
  accept: { api_key: string }[];
};
const apiKey = accept[0]?.api_key ?? '';
// Not in /tmp, which may be memory.
const scratch = mkdtempSync(join(import.meta.dirname, '.agent-'));
process.once('exit', () => rmSync(scratch, { recursive: true, force: true }));
const file = (name: string): string => join(scratch, name);
const sockets = ['--socket', file('agent.sock'), '--control-socket', file('control.sock')];
if (wants('size')) measureSize(program);
if (wants('hooks')) measureHooks(CARGO ?? '', WORKSPACE);
if (wants('uprobe')) await measureUprobes(program);
if (wants('flood')) for (const one of flood()) printFlood(one);
if (wants('start')) measureStart(program, sockets);
if (wants('memory')) await measureMemory(program, sockets, file('ledger.ndjson'), apiKey);
if (wants('fetch')) await measureFetch(scratch, program, apiKey);
if (wants('overhead')) await measureOverhead(scratch, program, apiKey);
