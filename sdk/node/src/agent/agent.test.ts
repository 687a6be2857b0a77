import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Ran, runAgent, scratch } from '../testing/run-agent.ts';
import { type StandIn, startStandIn } from '../testing/stand-in-agent.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
let server: Server;
let url: string;
before(async () => {
  server = createServer((_, response) => response.end('ok'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});
after(() => {
  server.close();
  server.closeAllConnections();
});

const run = (
  fixture: string,
  path: string | undefined,
  env: Readonly<Record<string, string>> = {},
): Promise<Ran> =>
  runAgent(fixture, {
    args: [url],
    env: { VANTIO_AGENT_SOCKET: path, VANTIO_DEBUG: '1', ...env },
  });

const uses = ({ said }: StandIn) => said.filter(({ op }) => op === 'connection');

test('a process registers its trace, and says of each connection which span has it, before that ends', async () => {
  const agent = await startStandIn();
  const begun = process.hrtime.bigint();
  const ran = await run('agent.mjs', agent.path, { VANTIO_TRACE_ID: TRACE });
  assert.equal(ran.code, 0, ran.stderr);
  const [first] = agent.said;
  assert.deepEqual(
    { op: first?.op, trace_id: first?.trace_id, if_none: first?.if_none },
    { op: 'register', trace_id: TRACE, if_none: undefined },
  );
  assert.equal(typeof first?.process_start, 'number');
  const told = uses(agent);
  assert.equal(told.length, 4, JSON.stringify(told));
  assert.deepEqual([...new Set(told.map(({ trace_id }) => trace_id))], [TRACE]);
  assert.equal(new Set(told.map(({ span_id }) => span_id)).size, 4);
  const [a, b, c, d] = told;
  assert.equal(a?.local_port, b?.local_port, 'fetch kept its connection');
  assert.equal(c?.local_port, d?.local_port, 'http kept its connection');
  assert.deepEqual(
    told.map(({ number, sharing }) => `${number} ${sharing}`),
    ['0 turns', '1 turns', '0 turns', '1 turns'],
  );
  // process.hrtime is the clock that the kernel's agent reads: this process's own readings lie around it.
  for (const { at_ns } of told)
    assert.ok(BigInt(at_ns as number) > begun && BigInt(at_ns as number) < process.hrtime.bigint());
  await agent.close();
});

test('process.hrtime is CLOCK_MONOTONIC, by which the kernel tells of its timers', {
  skip: process.platform === 'linux' ? false : 'there is no /proc here',
}, () => {
  const monotonic = (): bigint => {
    const now = /^now at (\d+) nsecs$/m.exec(readFileSync('/proc/timer_list', 'latin1'));
    return BigInt(now?.[1] ?? 0);
  };
  try {
    readFileSync('/proc/timer_list');
  } catch {
    // Only root may read it; CLOCK_MONOTONIC is time since boot, but for sleep, to a hundredth of a second.
    const before = process.hrtime.bigint();
    const uptime = Number(readFileSync('/proc/uptime', 'latin1').split(' ')[0]);
    assert.ok(Math.abs(Number(before) / 1e9 - uptime) < 1);
    return;
  }
  const before = process.hrtime.bigint();
  const kernel = monotonic();
  assert.ok(before <= kernel && kernel <= process.hrtime.bigint());
});

test('a process without a trace asks for one only if it has none', async () => {
  const agent = await startStandIn();
  const ran = await run('agent.mjs', agent.path);
  assert.equal(ran.code, 0, ran.stderr);
  assert.equal(agent.said[0]?.if_none, true);
  const traces = JSON.parse(ran.stdout) as string[];
  assert.deepEqual(
    uses(agent).map(({ trace_id }) => trace_id),
    traces,
  );
  await agent.close();
});

test('nothing is said where no agent is, where it is off, and where its path is none', async () => {
  const agent = await startStandIn();
  const absent = await run('agent.mjs', join(scratch(), 'agent.sock'));
  assert.deepEqual([absent.code, absent.stderr.match(/agent/g)], [0, null]);
  assert.equal((await run('agent.mjs', 'off')).code, 0);
  const relative = await run('agent.mjs', 'agent.sock');
  assert.equal(relative.code, 0);
  assert.match(relative.stderr, /VANTIO_AGENT_SOCKET is neither an absolute path nor off/);
  assert.equal(agent.connections(), 0);
  await agent.close();
});

test('it registers again when the agent comes back', async () => {
  const agent = await startStandIn();
  let again: StandIn | undefined;
  const running = runAgent('agent-restart.mjs', {
    env: { VANTIO_AGENT_SOCKET: agent.path, VANTIO_TRACE_ID: TRACE },
    onReady: async (child) => {
      while (agent.said.length === 0) await sleep(10);
      await agent.close();
      again = await startStandIn({ path: agent.path });
      while (again.said.length === 0) await sleep(10);
      child.stdin?.write('end\n');
    },
  });
  assert.equal((await running).code, 0);
  assert.equal(again?.said[0]?.trace_id, TRACE);
  await again?.close();
});

const BAD: readonly (readonly [string, Parameters<typeof startStandIn>[0]])[] = [
  ['never reads', { reads: false }],
  ['never answers', { answer: () => undefined }],
  ['answers garbage', { answer: () => '\u0000\xff{]\n' }],
  ['answers without an end', { answer: () => 'x'.repeat(70_000) }],
  ['answers more than it was asked', { answer: () => '{"ok":true}\n'.repeat(3) }],
  ['refuses everything', { answer: () => '{"ok":false,"error":"no"}\n' }],
];

for (const [what, how] of BAD)
  test(`an agent that ${what} disturbs nobody and delays no end`, async () => {
    const agent = await startStandIn(how);
    const begun = Date.now();
    const ran = await run('agent-flood.mjs', agent.path);
    assert.deepEqual([ran.code, ran.signal, ran.stdout], [0, null, 'done\n']);
    assert.match(ran.stderr, /agent/);
    assert.ok(Date.now() - begun < 60_000);
    await agent.close();
  });

test('workers and forked children speak for themselves, and only the process registers', async () => {
  const agent = await startStandIn();
  const ran = await run('agent-threads.mjs', agent.path, { TARGET: url });
  assert.equal(ran.code, 0, ran.stderr);
  const traces = new Map(
    ran.stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.split(' ') as [string, string]),
  );
  const [main, child] = agent.said.filter(({ op }) => op === 'register');
  assert.equal(main?.if_none, true);
  // The child was started in the shield of its parent, and has its trace.
  assert.equal(child?.trace_id, traces.get('main'));
  assert.notEqual(child?.process_start, undefined);
  const told = uses(agent).map(({ trace_id }) => trace_id);
  assert.deepEqual(told.toSorted(), [...traces.values()].toSorted());
  const given = agent.said.find(({ op }) => op === 'child');
  assert.equal(given?.trace_id, traces.get('main'));
  assert.equal(agent.said.filter(({ op }) => op === 'done').length, 3);
  assert.equal(agent.connections(), 3);
  await agent.close();
});
