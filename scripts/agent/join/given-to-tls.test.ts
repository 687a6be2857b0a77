import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { cannotRun, eventually, type World } from '../world.ts';
import {
  NODES,
  newServer,
  newWorld,
  type Rec,
  recordIn,
  runClient,
  trace,
  withoutTime,
} from './running.ts';
import type { Kind, TruthfulServer } from './servers.ts';

/** How many files the agent has probed: libraries, and programs that have one inside. */
async function probed(world: World): Promise<number> {
  const { stdout } = await world.agent('status', '--json');
  return (JSON.parse(stdout) as { tls: { files: number } }).tls.files;
}

/** A server that answers when the agent has probed another file than it had until now. */
async function patientServer(world: World, kind: Kind): Promise<TruthfulServer> {
  const before = await probed(world);
  return newServer(kind, () => eventually(async () => (await probed(world)) > before));
}

/** What the process that spoke to this port gave to TLS: traces, spans and hosts. */
function givenToTls(records: readonly Rec[], port: number): readonly string[] {
  const pid = records.find(({ target_port }) => target_port === port)?.host_pid;
  assert.ok(pid !== undefined, `nobody was seen to connect to ${port}`);
  const writes = records.filter(
    ({ event_type, host_pid }) => event_type === 'tls_write' && host_pid === pid,
  );
  const said = writes.map(
    ({ trace_origin, trace_id, span_id, target_host }) =>
      `${trace_origin} ${trace_id} ${span_id} ${target_host}`,
  );
  return [...new Set(said)];
}

test('what is given to TLS has the trace of the connections where all carry one, and else that of its process', {
  skip: cannotRun,
}, async () => {
  const world = await newWorld();
  const agent = await recordIn(world);
  const runs: {
    readonly name: string;
    readonly way: 'one' | 'together';
    readonly port: number;
    readonly own: string;
  }[] = [];
  for (const version of NODES) {
    // The agent is to know this program: what it is given before that is the next test's.
    await runClient(world, version, 'http/1', { one: await patientServer(world, 'http') });
    for (const way of ['one', 'together'] as const) {
      const server = await newServer('https');
      const own = await runClient(world, version, 'https', { [way]: server });
      runs.push({ name: `Node ${version}, ${way}`, way, port: server.port, own });
    }
  }
  await sleep(4000);
  assert.equal(await agent.end('SIGTERM'), 0, agent.said());
  const records = world.records();
  const found = runs.map(({ name, port }) => [name, givenToTls(records, port)]);
  const wanted = runs.map(({ name, way, own }) => {
    const joined = way === 'one' ? `exact ${trace('a')} ${'a'.repeat(16)}` : undefined;
    return [name, [`${joined ?? `process_level ${own} undefined`} localhost`]];
  });
  assert.deepEqual(found, wanted);
});

test('what a session was given that began before the agent knew its program is of its process, and of no connection', {
  skip: cannotRun,
}, async () => {
  const world = await newWorld();
  const agent = await recordIn(world);
  // The first request is given to TLS with nobody looking, the second when all is probed.
  const server = await patientServer(world, 'https');
  const ran = runClient(world, '24', 'https', { one: server }, withoutTime(agent));
  await eventually(() => server.used.size > 0);
  process.kill(agent.pid, 'SIGCONT');
  const own = await ran;
  await sleep(4000);
  assert.equal(await agent.end('SIGTERM'), 0, agent.said());
  const wanted = [`process_level ${own} undefined undefined`];
  assert.deepEqual(givenToTls(world.records(), server.port), wanted);
});
