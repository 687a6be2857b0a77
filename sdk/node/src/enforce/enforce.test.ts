import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { startIngest } from '../testing/ingest.ts';
import { newApiKey } from '../testing/keys.ts';
import { runAgent, scratch } from '../testing/run-agent.ts';
import { goWays } from './testing/go-ways.ts';
import { policyFile } from './testing/run-enforced.ts';
import { startSmall } from './testing/small-servers.ts';

const REPLACED = [
  'net.Socket.prototype.connect',
  'http.Agent.prototype.addRequest',
  'http.ClientRequest.prototype.onSocket',
  'http2.connect',
  'fetch',
  'undici.globalDispatcher.1',
  'child_process.spawn',
  'spawn, imported by name',
  'worker_threads.Worker',
  'child_process.ChildProcess.prototype.spawn',
];

test('what the documentation names is replaced, and put back by shutdown()', async () => {
  const ran = await runAgent('enforced/undone.mjs', {
    env: { VANTIO_POLICY_FILE: policyFile({ v: 1, version: 7, blocked_hosts: ['127.0.0.1'] }) },
  });
  assert.equal(ran.code, 0, ran.stderr);
  const { policy, ...said } = JSON.parse(ran.stdout);
  assert.deepEqual(said, {
    during: REPLACED,
    first: 'BLOCKED_HOST',
    isOurs: true,
    after: [],
    second: 200,
  });
  assert.deepEqual(policy, {
    version: 7,
    mode: 'enforce',
    text: 'Blocked hosts: 127.0.0.1.',
  });
});

test('who means to turn policy on and does not is told, and who turns it off is not', async () => {
  for (const [value, says] of [
    ['1', true],
    ['TRUE', true],
    ['false', false],
    ['', false],
  ] as const) {
    const { stderr } = await runAgent('enforced/undone.mjs', {
      env: { VANTIO_CLOUD_INGEST: value },
    });
    assert.equal(
      /VANTIO_CLOUD_INGEST is not "true": no policy is pulled/.test(stderr),
      says,
      value,
    );
  }
});

test('each session says which choke points are live', async () => {
  const { ran } = await goWays({ blocked_hosts: ['127.0.0.1'] }, {}, []);
  const live = ran.records.filter(
    ({ event_type, capability }) => event_type === 'coverage' && capability?.startsWith('enforce:'),
  );
  assert.equal(live.length, 10);
  assert.deepEqual([...new Set(live.map(({ coverage }) => coverage))], ['live']);
});

const UNTAKEN: readonly (readonly [string, string, RegExp])[] = [
  ['an unknown key', '{"v":1,"version":1,"blockd_hosts":[]}', /blockd_hosts: is not a member/],
  ['no JSON', 'hosts: []', /is not JSON/],
  ['10 MB', ' '.repeat(10 * 1024 * 1024), /larger than|too_large/],
];

for (const [what, text, said] of UNTAKEN)
  test(`a policy file with ${what} leaves the program running, observed only, and says so`, async () => {
    const file = join(scratch(), 'policy.json');
    writeFileSync(file, text);
    const ingest = await startIngest();
    const ran = await runAgent('enforced/undone.mjs', {
      env: {
        VANTIO_POLICY_FILE: file,
        VANTIO_API_KEY: newApiKey(),
        VANTIO_INGEST_URL: ingest.url,
      },
    });
    await ingest.close();
    assert.equal(JSON.parse(ran.stdout).first, 200);
    assert.match(ran.stderr, said);
    assert.ok(
      ingest
        .records()
        .some(({ action_taken }) => /^POLICY_(REJECTED|UNAVAILABLE)$/.test(action_taken)),
    );
  });

test('a hundred thousand host rules are taken, and the last of them holds', async () => {
  const blocked = await startSmall();
  const rules = Array.from({ length: 100_000 }, (_, at) => `host-${at}.example`);
  const ways = ['fetch of what is blocked', 'net of what is blocked'];
  const policy = { blocked_hosts: [...rules, '127.0.0.1'] };
  const { came, ran } = await goWays(policy, { blocked: blocked.port }, ways);
  for (const way of ways) assert.deepEqual(came[way]?.codes, ['BLOCKED_HOST']);
  const [record] = ran.records.filter(({ action_taken }) => action_taken === 'BLOCKED_HOST');
  assert.equal(record?.rule_id, 'blocked_hosts.100000');
});
