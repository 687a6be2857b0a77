import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chmodSync, copyFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { run } from '../e2e/run.ts';
import { AGENT, cannotRun, eventually, freePort, makeWorld, type World } from './world.ts';

let world: World;
before(async () => {
  world = await makeWorld();
});
after(() => world.remove());

test('a running agent says how it is: health, metrics, OTLP, status, live events and trees', {
  skip: cannotRun,
}, async () => {
  const sent: string[] = [];
  const collector = createServer(async (request, response) => {
    sent.push(`${request.url} ${Buffer.concat(await request.toArray())}`);
    response.end('{}');
  });
  await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve));
  const { port } = collector.address() as AddressInfo;
  const listen = `127.0.0.1:${await freePort()}`;
  const config = world.file('agent.toml');
  writeFileSync(config, `output_file = "${world.file('ledger.ndjson')}"\nrate = 0\n`);
  const otlp = ['--otlp-url', `http://127.0.0.1:${port}`];
  const agent = await world.record('--config', config, ...otlp, '--listen', listen);
  const get = async (path: string): Promise<string> =>
    (await fetch(`http://${listen}${path}`)).text();
  assert.equal(await get('/healthz'), 'ok\n');
  assert.equal(await get('/readyz'), 'ready\n');

  const control = ['--control-socket', world.file('control.sock')];
  const events = spawn(AGENT, ['events', ...control], { stdio: ['ignore', 'pipe', 'inherit'] });
  let seen = '';
  events.stdout.on('data', (part) => {
    seen += part;
  });
  await eventually(async () => {
    assert.equal((await world.agent('run', '--', 'sh', '-c', 'sleep 0.1; true')).status, 0);
    return seen.includes('"event_type":"process_exec"');
  });
  events.kill('SIGTERM');
  assert.ok(!seen.includes('_path"') && !seen.includes('/usr/'), seen);

  const trees = await world.agent('top', '--once');
  assert.match(trees.stdout, /^[0-9a-f]{32} process_level\n {2}\d+ \S+: \d+ execs?/m);
  await eventually(async () => /recorded_total [1-9]/.test(await get('/metrics')));
  assert.match(
    await get('/metrics'),
    /vantio_agent_observed_total\{event_type="process_exec"\} [1-9]/,
  );
  const { stdout } = await world.agent('status', '--json');
  const status = JSON.parse(stdout) as {
    counters: { recorded: number; fault: null };
    tls: { says: string; files: number };
  };
  assert.ok(status.counters.recorded > 0);
  assert.equal(status.counters.fault, null);
  assert.match(status.tls.says, /^TLS libraries are probed by .* CAP_SYS_ADMIN/);
  assert.ok((await world.agent('doctor')).stdout.includes(`TLS: ${status.tls.says}\n`));
  assert.ok((await world.agent('status')).stdout.includes(status.tls.says));

  writeFileSync(config, 'rate = 5\nretries = 1\n');
  process.kill(agent.pid, 'SIGHUP');
  await eventually(() => agent.said().includes('line 2: unknown field `retries`'));
  assert.match(agent.said(), /what was configured before stays/);
  writeFileSync(config, `output_file = "${world.file('ledger.ndjson')}"\nrate = 5\n`);
  process.kill(agent.pid, 'SIGHUP');
  await eventually(() => agent.said().includes('the configuration was read again\n'));

  assert.equal(await agent.end('SIGTERM'), 0);
  collector.close();
  assert.match(sent.at(-1) ?? '', /^\/v1\/metrics \{.*"name":"vantio\.agent\.recorded"/);
});

test('an agent that records nothing still says what it sees', {
  skip: cannotRun,
}, async () => {
  const agent = await world.record();
  assert.match(agent.said(), /^vantio-agent: nothing is recorded: set output_file/m);
  const ran = await world.agent('run', '--show', '--', 'true');
  assert.equal(ran.status, 0);
  assert.match(ran.stderr, /^vantio-agent: an agent listens at \S+agent\.sock: .*\n$/);
  await eventually(async () => {
    const { counters } = JSON.parse((await world.agent('status', '--json')).stdout) as {
      counters: { observed: Record<string, number>; recorded: number };
    };
    assert.equal(counters.recorded, 0);
    return (counters.observed.process_exit ?? 0) > 0;
  });
  assert.equal(await agent.end('SIGTERM'), 0);
});

test('doctor says what is missing to one who may do nothing, and that the agent would not start', {
  skip: cannotRun,
}, async () => {
  // Where nobody may read it, nobody could run it.
  const copy = world.file('vantio-agent');
  copyFileSync(AGENT, copy);
  chmodSync(copy, 0o755);
  chmodSync(world.folder, 0o755);
  const nobody = ['--reuid=65534', '--regid=65534', '--clear-groups', '--inh-caps=-all'];
  const { status, stdout } = await run('setpriv', [...nobody, copy, 'doctor']);
  assert.equal(status, 1, stdout);
  assert.match(
    stdout,
    /^missing {2}capabilities: the capabilities CAP_NET_ADMIN, CAP_PERFMON and CAP_BPF are missing: run/m,
  );
  assert.match(stdout, /^(ok|limited|missing) +BTF: /m);
  assert.match(stdout, /^limited {2}records: nothing is recorded: set output_file/m);
  assert.equal((await world.agent('doctor')).status, 0);
  const wrong = await world.agent('doctor', '--cgroup', '/tmp');
  assert.equal(wrong.status, 1);
  assert.match(wrong.stdout, /^missing +cgroup v2: cgroups \(--cgroup\): \/tmp is no cgroup/m);
});

test('a setting that cannot be used is one sentence that names it', {
  skip: cannotRun,
}, async () => {
  const said = async (args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<string> => {
    const { status, stderr } = await run(AGENT, ['record', ...args], { ...process.env, ...env });
    assert.equal(status, 1);
    assert.match(stderr, /^vantio-agent: .*\n$/);
    return stderr;
  };
  const sockets = [
    ...['--socket', world.file('x.sock'), '--control-socket', world.file('y.sock')],
    ...['--listen', 'off'],
  ];
  const both = ['--output-file', 'x.ndjson', '--ingest-url', 'http://127.0.0.1:1'];
  assert.match(await said([...sockets, ...both]), /output_file and ingest_url are both set/);
  assert.match(
    await said([...sockets, '--output-file', 'x.ndjson']),
    /there is no API key to sign/,
  );
  assert.match(
    await said([], { VANTIO_AGENT_RAET: '5' }),
    /VANTIO_AGENT_RAET is no setting of the agent/,
  );
  const wrong = { VANTIO_API_KEY: 'secret' };
  const malformed = await said([...sockets, '--output-file', 'x.ndjson'], wrong);
  assert.match(malformed, /VANTIO_API_KEY is not an API key/);
  assert.doesNotMatch(malformed, /secret/);
  writeFileSync(world.file('no.key'), 'secret');
  const file = ['--api-key-file', world.file('no.key')];
  const inFile = await said([...sockets, '--output-file', 'x.ndjson', ...file]);
  assert.match(inFile, /api_key_file \S+\/no\.key holds no API key/);
  assert.doesNotMatch(inFile, /secret/);
  const list = await said([...sockets, '--endpoints', world.file('no.key')]);
  assert.match(list, /the list of model endpoints \S+\/no\.key cannot be used: expected value/);
  const { stderr } = await run(AGENT, ['status', '--control-socket', '/nowhere/control.sock']);
  assert.match(stderr, /^vantio-agent: no agent answers at \/nowhere\/control\.sock .*\n$/);
});
