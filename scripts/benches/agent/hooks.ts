import { spawnSync } from 'node:child_process';
import { printRow } from '../row.ts';

/** What the kernel counted of one program, nanoseconds a run in the median of its rounds. */
type Hook = {
  readonly program: string;
  readonly runs: number;
  /** For a process that is not under the agent; null if it did not run. */
  readonly without: number | null;
  /** For one that is. */
  readonly with: number | null;
};

const ALL = ['sched_process_fork', 'sys_exit_open', 'sched_process_exec', 'sched_process_exit'];

/** Runs `cargo xtask bench`. */
export function measureHooks(cargo: string, workspace: string): void {
  const ran = spawnSync(cargo, ['xtask', 'bench'], {
    cwd: workspace,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (ran.status !== 0) throw new Error(`cargo xtask bench ended with ${ran.status}`);
  const lines = ran.stdout.toString().split('\n');
  const hooks = lines
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Hook);
  const find = (program: string): Hook | undefined =>
    hooks.find((hook) => hook.program === program);
  for (const program of ALL) {
    const hook = find(program);
    if (hook === undefined) throw new Error(`cargo xtask bench said nothing of ${program}`);
    printHook(hook, find(`nothing at ${program.replace(/^sys_.*/, 'sys_exit')}`));
  }
}

function printHook({ program, without, with: enrolled }: Hook, floor: Hook | undefined): void {
  const nothing = floor?.without ?? undefined;
  const beside = (all: number): { against?: string } =>
    nothing === undefined
      ? {}
      : {
          against: `a program that does nothing there, alone, ${nothing} ns; the rest, ours, ${Math.max(0, all - nothing)} ns`,
        };
  if (without !== null) {
    const limit = program === 'sched_process_exec' ? 3000 : 100;
    const how = limit === 3000 ? 'its environment of 24 variables read' : 'one look into a table';
    printRow({
      what: `BPF time of ${program}, process not under the agent: ${how}`,
      measured: `${without} ns`,
      ...beside(without),
      target: `≤ ${limit} ns`,
      met: without <= limit,
    });
  }
  if (enrolled !== null)
    printRow({
      what: `BPF time of ${program}, process under the agent`,
      measured: `${enrolled} ns`,
      ...beside(enrolled),
      target: '≤ 1,000 ns',
      met: enrolled <= 1000,
    });
}
