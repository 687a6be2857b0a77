import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { cannotRun, count, eventually, makeWorld, type World } from './world.ts';

let world: World;
before(async () => {
  world = await makeWorld();
});
after(() => world.remove());

test('what a small tree of processes did is a ledger that is verified', {
  skip: cannotRun,
}, async () => {
  const output = ['--output-file', world.file('ledger.ndjson')];
  const command = ['sh', '-c', 'cat /etc/hostname | wc; sh -c "exit 3"; exit 7'];
  const { status, stderr } = await world.agent('run', ...output, '--', ...command);
  assert.equal(status, 7, stderr);
  const { status: verified, stdout } = await world.verify();
  assert.equal(verified, 0, stdout);
  assert.match(stdout, /verified \d+\n/);
  const records = world.records();
  assert.equal(count(records, { event_type: 'session_start', os: 'linux' }), 1);
  assert.equal(count(records, { event_type: 'process_exit', exit_code: 3 }), 1);
  assert.equal(count(records, { event_type: 'session_end', end_reason: 'exit' }), 1);
  const [trace, ...others] = new Set(
    records.filter((one) => one.event_type === 'process_exec').map((one) => one.trace_id),
  );
  assert.match(String(trace), /^[0-9a-f]{32}$/);
  assert.deepEqual(others, []);
});

test('an agent that was killed leaves a ledger that holds, and the next one says how long it was blind', {
  skip: cannotRun,
}, async () => {
  const output = ['--output-file', world.file('ledger.ndjson')];
  const killed = await world.record(...output);
  const before = Date.now();
  assert.equal((await world.agent('run', '--', 'true')).status, 0);
  await eventually(() => count(world.records(), { event_type: 'session_start' }) === 2);
  await eventually(() => count(world.records(), { event_type: 'process_exit', exit_code: 0 }) > 0);
  assert.equal(await killed.end('SIGKILL'), -1);
  const next = await world.record(...output);
  await eventually(
    () => count(world.records(), { event_type: 'blind_interval', blind_reason: 'killed' }) === 1,
  );
  assert.equal(await next.end('SIGTERM'), 0);
  const blind = world.records().find(({ blind_reason }) => blind_reason === 'killed');
  const [first, last] = [blind?.first_at, blind?.last_at].map((at) => Date.parse(String(at)));
  assert.ok(first !== undefined && last !== undefined && before - 2000 < first && first < last);
  const { status, stdout } = await world.verify();
  assert.equal(status, 0, stdout);
  assert.match(stdout, /tail unmeasured/);
});

test('two agents do not write to one ledger', { skip: cannotRun }, async () => {
  const output = ['--output-file', world.file('ledger.ndjson')];
  const first = await world.record(...output);
  const sockets = ['--socket', world.file('b.sock'), '--control-socket', world.file('c.sock')];
  const rest = ['--output-file', world.file('ledger.ndjson')];
  const { status, stderr } = await world.agent('record', ...sockets, ...rest);
  await first.end('SIGTERM');
  assert.equal(status, 1);
  assert.match(stderr, /^vantio-agent: another vantio-agent records there: it holds \S+\n$/);
});
