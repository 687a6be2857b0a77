/**
 * What the probe on `SSL_write` adds to a call, in processes that are under the agent and in those that are not, beside the same
 * two probes by bpftrace or bcc's sslsniff. Needs root, cc and libssl. node scripts/benches/agent.ts uprobe
 */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { percentile } from '../load.ts';
import { printRow } from '../row.ts';

const ROUNDS = Number(process.env.VANTIO_BENCH_ROUNDS ?? 11);
const WRITES = 5000;
const STATISTICS = '/proc/sys/kernel/bpf_stats_enabled';
const FOLDERS = ['/usr/lib/x86_64-linux-gnu', '/usr/lib/aarch64-linux-gnu', '/usr/lib64'];

/** A process that writes when it is asked to. */
type Writer = {
  /** Nanoseconds of CPU that one write took. */
  readonly write: () => Promise<number>;
  readonly end: () => Promise<void>;
};

function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve();
    else child.once('close', () => resolve());
  });
}

async function startWriter(command: string, words: readonly string[]): Promise<Writer> {
  const child = spawn(command, words, { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<string> => {
    const { value, done } = await lines.next();
    if (done === true) throw new Error(`${command} ended`);
    return value;
  };
  if ((await next()) !== 'ready') throw new Error(`${command} is not ready`);
  const ask = async (): Promise<number> => {
    child.stdin.write(`${WRITES}\n`);
    return Number(await next());
  };
  return {
    write: async () => {
      await ask();
      return ask();
    },
    end: () => {
      child.stdin.end();
      return ended(child);
    },
  };
}

/** bcc's own tool where it starts, which wants the kernel's headers, or else its two probes by bpftrace. */
async function startPeer(libssl: string): Promise<{ name: string; end: () => Promise<void> }> {
  const probe = `uprobe:${libssl}:SSL_write { @size[tid] = arg2; }
    uretprobe:${libssl}:SSL_write { @bytes[pid] = sum(retval); delete(@size[tid]); }`;
  for (const [name, words, sign] of [
    ['sslsniff-bpfcc', ['--openssl'], 'FUNC'],
    ['bpftrace', ['-e', probe], 'Attaching'],
  ] as const) {
    const child = spawn(name, words, { stdio: ['ignore', 'pipe', 'ignore'] });
    child.once('error', () => {});
    const starts = new Promise<boolean>((resolve) => {
      child.stdout.on('data', (bytes) => {
        if (String(bytes).includes(sign)) resolve(true);
      });
      child.once('error', () => resolve(false));
      child.once('close', () => resolve(false));
    });
    if (await starts) {
      await sleep(1000);
      return {
        name,
        end: () => {
          child.kill('SIGINT');
          return ended(child);
        },
      };
    }
  }
  return { name: 'none', end: async () => {} };
}

/** Runs and nanoseconds of the agent's program that ran most since the last look. */
function statistics(pid: number, before: Map<string, readonly [number, number]>): number {
  let [mostRuns, time] = [0, 0];
  for (const fd of readdirSync(`/proc/${pid}/fdinfo`)) {
    const text = readFileSync(`/proc/${pid}/fdinfo/${fd}`, 'utf8');
    const number = (word: string): number =>
      Number(text.match(new RegExp(`^${word}:\\s+(\\d+)`, 'm'))?.[1]);
    const program = text.match(/^prog_id:\s+(\d+)/m)?.[1];
    const [runs, nanoseconds] = [number('run_cnt'), number('run_time_ns')];
    if (program === undefined || Number.isNaN(runs)) continue;
    const [oldRuns, oldTime] = before.get(program) ?? [0, 0];
    before.set(program, [runs, nanoseconds]);
    if (runs - oldRuns > mostRuns)
      [mostRuns, time] = [runs - oldRuns, (nanoseconds - oldTime) / (runs - oldRuns)];
  }
  return time;
}

export async function measureUprobes(program: string): Promise<void> {
  const folder = FOLDERS.find((one) => existsSync(join(one, 'libssl.so.3')));
  if (folder === undefined) throw new Error('no libssl.so.3 here to measure with');
  const scratch = mkdtempSync(join(tmpdir(), 'vantio-uprobe-'));
  const file = (name: string): string => join(scratch, name);
  const source = join(import.meta.dirname, 'uprobe.c');
  execFileSync('cc', ['-O2', '-o', file('writer'), source, '-ldl']);
  const libraries = [join(folder, 'libssl.so.3'), join(folder, 'libcrypto.so.3')];
  const sockets = ['--socket', file('agent.sock'), '--control-socket', file('control.sock')];
  const output = ['--output-file', file('ledger.ndjson'), '--listen', 'off', '--rate', '0'];
  const [sample] = (
    JSON.parse(readFileSync('sdk/vectors/api-keys.json', 'utf8')) as {
      accept: { api_key: string }[];
    }
  ).accept;
  const env = { ...process.env, VANTIO_API_KEY: sample?.api_key ?? '' };
  const startAgent = async (): Promise<ChildProcess> => {
    const agent = spawn(program, ['record', ...sockets, ...output], { stdio: 'ignore', env });
    while (spawnSync(program, ['status', '--json', ...sockets]).stdout.toString() === '')
      await sleep(50);
    return agent;
  };
  const stop = (agent: ChildProcess): Promise<void> => {
    agent.kill('SIGTERM');
    return ended(agent);
  };
  const startTraced = (): Promise<Writer> =>
    startWriter(program, ['run', ...sockets, '--', file('writer'), ...libraries]);

  const found = { other: [] as number[], traced: [] as number[], peer: [] as number[] };
  const statisticsOf = { other: [] as number[], traced: [] as number[] };
  let [peerName, way] = ['', ''];
  const writer = await startWriter(file('writer'), libraries);
  for (let round = 0; round < ROUNDS; round++) {
    const alone = await writer.write();
    const agent = await startAgent();
    way = JSON.parse(spawnSync(program, ['status', '--json', ...sockets]).stdout.toString()).tls
      .probes;
    found.other.push((await writer.write()) - alone);
    const traced = await startTraced();
    await sleep(300);
    found.traced.push((await traced.write()) - alone);
    // Counting costs itself, so it is on for the counts alone.
    const before = readFileSync(STATISTICS, 'utf8');
    const counts = new Map<string, readonly [number, number]>();
    writeFileSync(STATISTICS, '1');
    statistics(agent.pid ?? 0, counts);
    await writer.write();
    statisticsOf.other.push(statistics(agent.pid ?? 0, counts));
    await traced.write();
    statisticsOf.traced.push(statistics(agent.pid ?? 0, counts));
    writeFileSync(STATISTICS, before);
    await traced.end();
    await stop(agent);
    const peer = await startPeer(libraries[0] ?? '');
    peerName = peer.name;
    const withPeer = await writer.write();
    if (peer.name !== 'none') found.peer.push(withPeer - alone);
    await peer.end();
  }
  await writer.end();
  rmSync(scratch, { recursive: true, force: true });

  const microseconds = (all: readonly number[]): number => percentile(all, 0.5) / 1000;
  const show = (value: number): string => `${value.toFixed(2)} µs`;
  const peer = microseconds(found.peer);
  for (const [what, all] of [
    ['not under the agent', found.other],
    ['under the agent', found.traced],
  ] as const) {
    const added = microseconds(all);
    const beside =
      found.peer.length > 0 ? { against: `${peerName} ${show(peer)}`, ratio: added / peer } : {};
    printRow({
      what: `SSL_write in a process ${what}: CPU that its traps add, by ${way}, median of ${ROUNDS}`,
      measured: show(added),
      ...beside,
    });
  }
  for (const [what, all] of [
    ['not under the agent', statisticsOf.other],
    ['under the agent', statisticsOf.traced],
  ] as const) {
    const time = microseconds(all);
    printRow({
      what: `SSL_write in a process ${what}: BPF time of one run of its program, median of ${ROUNDS}`,
      measured: show(time),
      target: '≤ 0.5 µs',
      met: time <= 0.5,
    });
  }
}
