import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Ran, run, vantio } from '../e2e/run.ts';

/** The program under test; the suite builds it. */
export const AGENT = process.env.VANTIO_TEST_AGENT ?? '';

/** For `skip`: why the program cannot be run here, or false. */
export const cannotRun: string | false =
  AGENT === ''
    ? 'VANTIO_TEST_AGENT names no vantio-agent: scripts/test agent builds one'
    : process.getuid?.() !== 0 && 'loading programs needs root';

export type Running = {
  readonly pid: number;
  /** What it has said on standard error so far. */
  readonly said: () => string;
  /** Sends the signal and waits for the end; the exit status, or -1 of a kill. */
  readonly end: (signal: NodeJS.Signals) => Promise<number>;
};

async function until(child: ChildProcess, wanted: RegExp): Promise<Running> {
  let said = '';
  const closed = new Promise<number>((resolve) => {
    child.once('close', (code) => resolve(code ?? -1));
  });
  const streams = [child.stdout, child.stderr].filter((stream) => stream !== null);
  await new Promise<void>((resolve, reject) => {
    for (const input of streams)
      createInterface({ input }).on('line', (line) => {
        said += `${line}\n`;
        if (wanted.test(line)) resolve();
      });
    child.once('error', reject);
    void closed.then((code) => reject(new Error(`it ended with ${code}: ${said}`)));
  });
  return {
    pid: child.pid ?? 0,
    said: () => said,
    end: (signal) => {
      child.kill(signal);
      return closed;
    },
  };
}

/** A folder with an API key, and agents and control planes that keep everything in it. */
export type World = {
  readonly folder: string;
  readonly file: (name: string) => string;
  readonly agent: (...args: readonly string[]) => Promise<Ran>;
  readonly record: (...args: readonly string[]) => Promise<Running>;
  readonly serve: (port: number) => Promise<{ readonly url: string } & Running>;
  readonly verify: () => Promise<Ran>;
  /** All records of the ledger's family. */
  readonly records: () => readonly Record<string, unknown>[];
  /** Ends what is still running. */
  readonly endAll: () => Promise<void>;
  /** Ends it, too. */
  readonly remove: () => Promise<void>;
};

export async function makeWorld(): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), 'vantio-agent-test-'));
  const file = (name: string): string => join(folder, name);
  const key = ['keys', 'create', '--tenant', 'acme', '--plan', 'agent'];
  const made = await vantio(...key, '--state-dir', file('state'), '--out', file('agent.key'));
  if (made.status !== 0) throw new Error(made.stderr);
  const sockets = ['--socket', file('agent.sock'), '--control-socket', file('control.sock')];
  const common = [...sockets, '--api-key-file', file('agent.key'), '--spool-dir', file('spool')];
  const withOptions = ([action = '', ...rest]: readonly string[]) => [action, ...common, ...rest];
  // Tests run beside each other: none has the usual port.
  const env = { ...process.env, VANTIO_AGENT_LISTEN: 'off' };
  const open: Running[] = [];
  const keep = async (child: ChildProcess, wanted: RegExp): Promise<Running> => {
    const running = await until(child, wanted);
    open.push(running);
    return running;
  };
  const endAll = async (): Promise<void> => {
    for (const one of open) await one.end('SIGKILL');
  };
  return {
    folder,
    file,
    agent: (...args) => run(AGENT, withOptions(args), env),
    record: (...args) =>
      keep(
        spawn(AGENT, withOptions(['record', ...args]), {
          stdio: ['ignore', 'pipe', 'pipe'],
          env,
        }),
        /ready after/,
      ),
    serve: async (port) => {
      const args = ['serve', '--json', '--port', `${port}`, '--output-file', file('ledger.ndjson')];
      const child = spawn(
        process.execPath,
        [resolve('sdk/cli/bin/vantio.js'), ...args, '--state-dir', file('state')],
        { stdio: ['ignore', 'pipe', 'pipe'] },
      );
      const running = await keep(child, /^\{.*"url"/);
      const { url } = JSON.parse(running.said().split('\n')[0] ?? '') as { url: string };
      return { ...running, url };
    },
    verify: () => {
      const keys = ['--key-file', file('agent.key'), '--key-file', file('state/control.key')];
      const known = keys.slice(0, readdirSync(file('state')).includes('control.key') ? 4 : 2);
      return vantio('verify', file('ledger.ndjson'), ...known);
    },
    records: () =>
      readdirSync(folder)
        .filter((name) => /^ledger.*\.ndjson$/.test(name) && !name.includes('disclosures'))
        // What follows the last line feed is a line that is still being written.
        .flatMap((name) => readFileSync(file(name), 'utf8').split('\n').slice(0, -1))
        .map((line) => (JSON.parse(line) as { record: Record<string, unknown> }).record),
    endAll,
    remove: async () => {
      await endAll();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Where cgroup v2 is mounted; with both versions in use it is not at the usual place. */
export function hierarchy(): string {
  const line = readFileSync('/proc/self/mounts', 'utf8').match(/^\S+ (\S+) cgroup2 /m);
  return line?.[1] ?? '';
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Waits until something holds, at most a minute. */
export async function eventually(holds: () => boolean | Promise<boolean>): Promise<void> {
  const end = Date.now() + 60_000;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error('it did not come to hold in a minute');
    await sleep(100);
  }
}

export function count(
  records: readonly Record<string, unknown>[],
  members: Readonly<Record<string, unknown>>,
): number {
  const fits = (record: Record<string, unknown>): boolean =>
    Object.entries(members).every(([name, value]) => record[name] === value);
  return records.filter(fits).length;
}
