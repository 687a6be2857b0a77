import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { copyFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { after, before, type TestContext, test } from 'node:test';
import { AGENT, cannotRun, eventually, makeWorld, type World } from './world.ts';

const hasScript = /util-linux/.test(
  spawnSync('script', ['--version'], { encoding: 'utf8' }).stdout ?? '',
);
const skip =
  cannotRun || (!hasScript && 'no script of util-linux here, which gives a program a terminal');

const ESCAPE = '\u001b';
const ENTER = `${ESCAPE}[?1049h${ESCAPE}[?25l`;
const LEAVE = `${ESCAPE}[?25h${ESCAPE}[?1049l`;
const ROW = new RegExp(`${ESCAPE}\\[\\d+;1H${ESCAPE}\\[2K`, 'g');
const CTRL_C = '\u0003';
/** What a file may be named, and a terminal would obey. */
const NAME = `${ESCAPE}[2J\n\u007fx`;

let world: World;
before(async () => {
  world = await makeWorld();
});
after(() => world.remove());

/** `top` on a terminal of its own, which is asked afterwards how it was left. */
function onTerminal(t: TestContext) {
  const top = `${AGENT} top --control-socket ${world.file('control.sock')}`;
  const line = `stty rows 12 cols 90; ${top}; status=$?; stty -a; exit $status`;
  const terminal = spawn('script', ['-qec', line, world.file('typescript')], {
    env: { ...process.env, SHELL: '/bin/sh' },
  });
  t.after(() => terminal.kill());
  let said = '';
  terminal.stdout.setEncoding('utf8').on('data', (part: string) => {
    said += part;
  });
  const ended = new Promise<number | null>((resolve) => terminal.once('close', resolve));
  return {
    /** Waits until it shows, in lines, what is looked for. */
    shows: (wanted: RegExp) => eventually(() => wanted.test(said.replaceAll(ROW, '\n'))),
    type: (key: string) => terminal.stdin.write(key),
    /** What it showed while the terminal was its own, and what is on it afterwards. */
    ended: async () => {
      const status = await ended;
      const [before = '', ...rest] = said.split(LEAVE);
      const [, screen = ''] = before.split(ENTER);
      return { status, screen: screen.replaceAll(ROW, '\n'), rest: rest.join(LEAVE) };
    },
  };
}

/** A process under the agent that asks a server, and has a child of that name. */
function work(t: TestContext, port: number): void {
  copyFileSync('/bin/sleep', world.file(NAME));
  const code = `require('net').connect(${port}, '127.0.0.1').end('asks').resume();
    const child = require('child_process').spawn(process.argv[1], ['100']);
    process.on('SIGTERM', () => child.kill() && process.exit());`;
  const sockets = ['--socket', world.file('agent.sock')];
  const command = [process.execPath, '-e', code, world.file(NAME)];
  const worker = spawn(AGENT, ['run', ...sockets, '--', ...command], { stdio: 'inherit' });
  t.after(() => worker.kill());
}

test('top on a terminal shows trees with hosts and bytes as they come, and gives it back on q and on Ctrl-C', {
  skip,
}, async (t) => {
  const server = createServer((socket) => socket.end('answer').resume());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const agent = await world.record();
  t.after(() => agent.end('SIGKILL'));
  const terminals = ['q', CTRL_C].map((key) => ({ key, ...onTerminal(t) }));
  for (const { shows } of terminals) await shows(/^no process is under the agent$/m);
  work(t, (server.address() as AddressInfo).port);
  for (const { key, shows, type, ended } of terminals) {
    await shows(
      /^[0-9a-f]{32} process_level: 1 host, 4 bytes sent, 6 received\n {2}\d+ \S+: \d+ execs?, .*\n {4}→ 127\.0\.0\.1: 1 connection, 4 bytes sent, 6 received$/m,
    );
    await shows(/^ {4}\d+ \\x1b\[2J\\n\\x7fx: 1 exec, /m);
    type(key);
    const { status, screen, rest } = await ended();
    assert.equal(status, 0);
    assert.match(screen, /^[\n -~·→…]+$/, 'something spoke to the terminal');
    for (const line of screen.split('\n')) assert.ok(line.length <= 90, line);
    assert.match(rest, /[^-]isig icanon .*[^-]echo /, 'the terminal was not given back');
    assert.ok(!rest.includes(ESCAPE), rest);
  }
  assert.equal(await agent.end('SIGTERM'), 0);
});

test('top says on the terminal that it gave back that the agent has ended', { skip }, async (t) => {
  const agent = await world.record();
  t.after(() => agent.end('SIGKILL'));
  const { shows, ended } = onTerminal(t);
  await shows(/ processes, /);
  await agent.end('SIGTERM');
  const { status, rest } = await ended();
  assert.equal(status, 1);
  assert.match(rest, /^vantio-agent: no agent answers at \S+control\.sock .*\r\n/);
  assert.match(rest, /[^-]isig icanon .*[^-]echo /);
});
