import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { after, before, test } from 'node:test';
import { cannotRun, eventually, makeWorld, type World } from './world.ts';

let world: World;
before(async () => {
  world = await makeWorld();
});
after(() => world.remove());

test('top shows the hosts that a trace reached, and the bytes', {
  skip: cannotRun,
}, async () => {
  const server = createServer((socket) => socket.end('answer').resume()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const agent = await world.record();
  const client = `require('net').connect(${port}, '127.0.0.1').end('asks').resume()`;
  const { status, stderr } = await world.agent('run', '--', process.execPath, '-e', client);
  assert.equal(status, 0, stderr);
  server.close();
  await eventually(async () => {
    const { stdout } = await world.agent('top', '--once');
    return (
      /^[0-9a-f]{32} process_level: 1 host, 4 bytes sent, 6 received$/m.test(stdout) &&
      /^ +→ 127\.0\.0\.1: 1 connection, 4 bytes sent, 6 received$/m.test(stdout)
    );
  });
  assert.equal(await agent.end('SIGTERM'), 0);
});

test('a connection of a process under the agent is in a ledger that is verified, with its bytes', {
  skip: cannotRun,
}, async () => {
  const server = createServer((socket) => socket.end('answer').resume()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const client = `require('net').connect(${port}, '127.0.0.1').end('asks').resume()`;
  const output = ['--output-file', world.file('ledger.ndjson')];
  const { status, stderr } = await world.agent(
    'run',
    ...output,
    '--',
    process.execPath,
    '-e',
    client,
  );
  server.close();
  assert.equal(status, 0, stderr);
  const { status: verified, stdout } = await world.verify();
  assert.equal(verified, 0, stdout);
  const records = world.records().filter(({ target_port }) => target_port === port);
  const [made, closed, ...others] = records;
  assert.deepEqual(others, []);
  assert.equal(made?.event_type, 'net_connect');
  assert.equal(made?.target_ip, '127.0.0.1');
  assert.equal(made?.trace_origin, 'process_level');
  assert.equal(closed?.event_type, 'net_close');
  assert.deepEqual([closed?.bytes_sent, closed?.bytes_received], [4, 6]);
  assert.equal(closed?.trace_id, made?.trace_id);
});
