import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Work that is done in a shell of its own. */
export type Job = { readonly name: string; readonly line: string };

/** What one run of a job took, in seconds; the processor's time is that of all its processes, in user and kernel mode. */
export type Took = { readonly wall: number; readonly cpu: number };

const SOURCES = 2;
const FOLDERS = 100;
const FILES = 40;
const FORKS = 250;

/** Makes what the jobs work on in `folder`. Each takes half a second of a processor or so. */
export function makeJobs(folder: string): readonly Job[] {
  const source = ['stdio', 'stdlib', 'string', 'unistd', 'sys/stat', 'sys/socket', 'time', 'math'];
  const includes = source.map((name) => `#include <${name}.h>\n`).join('');
  const body = Array.from(
    { length: 60 },
    (_, at) =>
      `double f${at}(double *a, int n) { double s = ${at}; for (int i = 0; i < n; i++) s += sin(a[i]) * ${at}; return s; }\n`,
  ).join('');
  for (let at = 0; at < SOURCES; at++) writeFileSync(join(folder, `${at}.c`), includes + body);
  const tree = join(folder, 'tree');
  for (let at = 0; at < FOLDERS; at++) {
    mkdirSync(join(tree, `${at}`), { recursive: true });
    for (let file = 0; file < FILES; file++)
      writeFileSync(join(tree, `${at}`, `${file}.txt`), 'some words on a line\n'.repeat(20));
  }
  const repeat = (times: number, line: string): string =>
    `i=0; while [ $i -lt ${times} ]; do ${line}; i=$((i+1)); done`;
  return [
    {
      name: 'compile-like',
      line: repeat(SOURCES, `cc -O1 -c ${folder}/$i.c -o ${folder}/$i.o || exit 1`),
    },
    {
      name: '`find`-like',
      line: repeat(
        4,
        `find ${tree} -type f -size +0 > ${folder}/names; grep -rc words ${tree} > ${folder}/counts`,
      ),
    },
    { name: 'fork-heavy', line: repeat(FORKS, '/bin/true') },
  ];
}

/** Runs a job, by `wrapper` in front of its shell if there is one. */
export function runJob(job: Job, wrapper: readonly string[]): Took {
  const timed = `TIMEFORMAT='took %R %U %S'; time { ${job.line}; }`;
  const [program = 'bash', ...args] = [...wrapper, 'bash', '-c', timed];
  const { status, stderr } = spawnSync(program, args);
  const found = stderr.toString().match(/^took (\S+) (\S+) (\S+)$/m);
  if (status !== 0 || found === null)
    throw new Error(`the ${job.name} job ended with ${status}: ${stderr}`);
  const [wall, user, system] = found.slice(1).map(Number) as [number, number, number];
  return { wall, cpu: user + system };
}
