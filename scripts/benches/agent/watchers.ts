import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { closeSync, openSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Something that watches jobs. */
export type Watcher = {
  /** In front of a job, so that it is watched as one of its own. */
  readonly wrapper: readonly string[];
  /** Seconds of processor time that it has had itself. */
  readonly cpu: () => number;
  /** Ends it, and says how many events it had to give up. */
  readonly end: () => Promise<number>;
};

const PATIENCE = 90_000;

/** All threads of a process. */
function cpuOf(pid: number): number {
  const folder = `/proc/${pid}/task`;
  const nanoseconds = readdirSync(folder).map((thread) => {
    const [ran = '0'] = readFileSync(join(folder, thread, 'schedstat'), 'utf8').split(' ');
    return Number(ran);
  });
  return nanoseconds.reduce((sum, one) => sum + one, 0) / 1e9;
}

async function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  const closed = new Promise((resolve) => child.once('close', resolve));
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill(signal);
  await closed;
}

/** bcc compiles its programs when they start, and says this among their output before it fails. */
const NO_HEADERS = /^Unable to find kernel headers/m;

/** With tracefs and debugfs where these tools look for them; nobody else sees the mounts. */
const MOUNTED = `mount -t tracefs none /sys/kernel/tracing
mount -t debugfs none /sys/kernel/debug
exec "$@"`;

/**
 * Tools whose output goes to files, as that of a user who keeps it. They are ready when each has printed something of programs that
 * are started meanwhile.
 */
async function tools(
  folder: string,
  programs: readonly (readonly string[])[],
  lost: RegExp,
): Promise<Watcher> {
  const files = programs.map((_, at) => ({
    out: join(folder, `${at}.out`),
    err: join(folder, `${at}.err`),
  }));
  const children = programs.map((words, at) => {
    const paths = files[at] ?? { out: '', err: '' };
    const [out, err] = [openSync(paths.out, 'w'), openSync(paths.err, 'w')];
    const args = ['--mount', 'sh', '-c', MOUNTED, 'sh', ...words];
    const child = spawn('unshare', args, { stdio: ['ignore', out, err] });
    closeSync(out);
    closeSync(err);
    child.on('error', () => {});
    return child;
  });
  const read = (paths: readonly string[]): string =>
    paths.map((path) => readFileSync(path, 'utf8')).join('\n');
  const all = (): string => read(files.flatMap(({ out, err }) => [err, out]));
  const end = async (): Promise<number> => {
    for (const child of children) await ended(child, 'SIGINT');
    // bpftrace says among its output what it lost, bcc's tools beside it.
    const matches = [...all().matchAll(lost)];
    return matches.reduce((sum, [, number]) => sum + Number(number), 0);
  };
  const limit = Date.now() + PATIENCE;
  const cannot = (): boolean =>
    children.some(({ exitCode, pid }) => exitCode !== null || pid === undefined) ||
    NO_HEADERS.test(all());
  while (cannot() || !files.every(({ out }) => statSync(out).size > 0)) {
    if (cannot() || Date.now() > limit) {
      await end();
      const said = all();
      const why =
        said.match(NO_HEADERS)?.[0] ??
        said.match(/^(?!mount:|sh:|ERROR: Unknown error -1).+$/m)?.[0] ??
        'nothing was said';
      throw new Error(`it does not run on this kernel (${why.trim().slice(0, 120)})`);
    }
    spawnSync('/bin/true');
    await sleep(200);
  }
  return {
    wrapper: [],
    cpu: () => children.reduce((sum, { pid = 0 }) => sum + cpuOf(pid), 0),
    end,
  };
}

const ONE_LINERS = `
tracepoint:sched:sched_process_fork { printf("fork %d %d\\n", args->parent_pid, args->child_pid); }
tracepoint:sched:sched_process_exit { printf("exit %d\\n", pid); }
tracepoint:syscalls:sys_enter_execve { printf("exec %d %s\\n", pid, str(args->filename)); }
tracepoint:syscalls:sys_enter_openat { printf("open %d %s\\n", pid, str(args->filename)); }
`;

export function bpftrace(folder: string): Promise<Watcher> {
  return tools(folder, [['bpftrace', '-e', ONE_LINERS]], /Lost (\d+) events/g);
}

/** Unbuffered, as Python is told to be. */
export function bcc(folder: string): Promise<Watcher> {
  // Debian's own Python has the library.
  const run = (name: string): string[] => ['/usr/bin/python3', '-u', `/usr/sbin/${name}-bpfcc`];
  return tools(
    folder,
    [run('execsnoop'), run('opensnoop'), run('sslsniff')],
    /lost (\d+) samples/gi,
  );
}

/** Those of bcc's tools that Debian has compiled, which want no headers of the kernel: there is no sslsniff among them. */
export function compiledBcc(folder: string): Promise<Watcher> {
  const programs = [['/usr/sbin/execsnoop'], ['/usr/sbin/opensnoop']];
  return tools(folder, programs, /Lost (\d+) events/gi);
}

/** Ours, with all that it does by default, recording to disk. */
export async function agent(
  folder: string,
  program: string,
  apiKey: string,
  isEnrolled: boolean,
): Promise<Watcher> {
  const file = (name: string): string => join(folder, name);
  const sockets = ['--socket', file('agent.sock'), '--control-socket', file('control.sock')];
  const output = ['--output-file', file('ledger.ndjson'), '--listen', 'off', '--rate', '0'];
  const env = { ...process.env, VANTIO_API_KEY: apiKey };
  const child = spawn(program, ['record', ...sockets, ...output], { stdio: 'ignore', env });
  const status = (): string =>
    spawnSync(program, ['status', '--json', ...sockets]).stdout.toString();
  const limit = Date.now() + PATIENCE;
  while (!status().startsWith('{')) {
    if (child.exitCode !== null || Date.now() > limit) throw new Error('the agent does not start');
    await sleep(100);
  }
  return {
    wrapper: isEnrolled ? [program, 'run', ...sockets, '--'] : [],
    cpu: () => cpuOf(child.pid ?? 0),
    end: async () => {
      // What the rings still hold is taken within a tenth of a second.
      await sleep(300);
      const { counters } = JSON.parse(status()) as { counters: { lost: Record<string, number> } };
      await ended(child, 'SIGTERM');
      return Object.values(counters.lost).reduce((sum, one) => sum + one, 0);
    },
  };
}
