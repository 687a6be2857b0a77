import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { cleanEnvironment, endOf, VANTIO } from '../testing/run-vantio.ts';
import { temporaryDirectory } from '../testing/temporary-directory.ts';

const isThere = /util-linux/.test(
  spawnSync('script', ['--version'], { encoding: 'utf8' }).stdout ?? '',
);
const options = {
  skip: isThere ? false : 'no script of util-linux here, which gives a program a terminal',
  timeout: 60_000,
};

const CTRL_C = '\u0003';
const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** Runs a Node program under `vantio run` on a terminal of its own. */
function onTerminal(t: TestContext, code: string) {
  const program = `${code}; setTimeout(() => process.exit(99), 20_000); console.log('ready ' + process.ppid + '.');`;
  const command = [
    process.execPath,
    VANTIO,
    'run',
    '--json',
    '--',
    process.execPath,
    '-e',
    program,
  ];
  // The shell gets the Ctrl-C, too, and must live to tell the status; its trap is not handed down.
  const line = `trap : INT; ${command.map(quote).join(' ')}; exit $?`;
  const terminal = spawn('script', ['-qec', line, join(temporaryDirectory(t), 'typescript')], {
    env: cleanEnvironment({ SHELL: '/bin/sh' }),
  });
  t.after(() => terminal.kill());
  const ended = endOf(terminal);
  let said = '';
  /** Waits until what the terminal shows matches. */
  const shows = (pattern: RegExp): Promise<RegExpExecArray> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const match = pattern.exec(said);
        if (match) resolve(match);
      };
      terminal.stdout.on('data', look);
      terminal.once('close', () => reject(new Error(`the terminal closed: ${said}`)));
      look();
    });
  terminal.stdout.on('data', (text: string) => {
    said += text;
  });
  return { shows, type: (text: string) => terminal.stdin.write(text), ended };
}

test(
  'Ctrl-C on a terminal reaches the program once, and run exits as the program does',
  options,
  async (t) => {
    const { shows, type, ended } = onTerminal(
      t,
      `let times = 0;
     process.on('SIGINT', () => console.log('interrupted ' + ++times + '.'));
     process.on('SIGCONT', () => setTimeout(() => { console.log('in all ' + times + '.'); process.exit(7); }, 300))`,
    );
    const [, run] = await shows(/ready (\d+)\./);
    // Two signals that come at once are one: run is held until the program has had the terminal's. What it then hands on
    // comes with the SIGCONT, or right after.
    process.kill(Number(run), 'SIGSTOP');
    type(CTRL_C);
    await shows(/interrupted 1\./);
    process.kill(Number(run), 'SIGCONT');
    const { status, stdout } = await ended;
    assert.match(stdout, /in all 1\./);
    assert.match(stdout, /"exit_code":7/);
    assert.equal(status, 7);
  },
);

test(
  'Ctrl-C ends a program that does not mind it, and run by the same signal',
  options,
  async (t) => {
    const { shows, type, ended } = onTerminal(t, '');
    await shows(/ready/);
    type(CTRL_C);
    const { status, stdout } = await ended;
    assert.match(stdout, /"signal":"SIGINT"/);
    assert.equal(status, 130);
  },
);
