import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { chmodSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { makeApiKey } from '@vantio/schema';
import { NODE_VERSIONS } from '../testing/node-versions.ts';
import { type RunOptions, runVantio } from '../testing/run-vantio.ts';
import { API_KEY } from '../testing/sample-ledger.ts';
import { temporaryDirectory } from '../testing/temporary-directory.ts';
import type { Check } from './check.ts';

async function doctor(args: readonly string[] = [], options: RunOptions = {}) {
  const { status, stdout, stderr } = await runVantio(['doctor', '--json', ...args], options);
  const { checks } = JSON.parse(stdout) as { checks: Check[] };
  const find = (name: string, says = ''): Check | undefined =>
    checks.find((one) => one.name === name && one.says.includes(says));
  return { status, stdout, stderr, checks, find };
}

for (const { major, path: node } of NODE_VERSIONS)
  test(`doctor tells what is live on Node ${major} by trying it`, {
    skip: node === undefined ? `no Node ${major} here: VANTIO_NODE${major} names none` : false,
  }, async () => {
    const { status, find, checks } = await doctor([], node === undefined ? {} : { node });
    assert.equal(status, 0);
    for (const { name, status: found, fix } of checks)
      assert.ok(found === 'ok' || fix, `${name}: says no fix`);
    assert.equal(find('fetch: request')?.status, 'ok');
    assert.equal(find('http and https: request')?.status, 'ok');
    assert.equal(find('http2: stream')?.status, major === 20 ? 'absent' : 'ok');
    assert.equal(find('child_process: before it starts')?.status, major === 24 ? 'ok' : 'absent');
    assert.equal(find('a Worker made with an empty env')?.status, 'absent');
    assert.equal(find('node')?.status, major === 20 ? 'warn' : 'ok');
  });

test('doctor names the variables that it sees and never says what is in them', async () => {
  const { find, stdout } = await doctor([], {
    env: {
      VANTIO_API_KEY: API_KEY,
      VANTIO_DEBUG: 'hush-hush',
      VANTIO_OUTPUT_FILE: 'ledger.ndjson',
    },
  });
  assert.ok(find('environment', 'VANTIO_API_KEY, VANTIO_DEBUG, VANTIO_OUTPUT_FILE'));
  assert.doesNotMatch(stdout, /hush-hush/);
  for (const secret of API_KEY.split('.').slice(6)) assert.ok(!stdout.includes(secret));
});

test('an expired key, one about to expire, a broken one and one that others can read are each told', async (t) => {
  const directory = temporaryDirectory(t);
  const { privateKey } = generateKeyPairSync('ed25519');
  const now = Math.floor(Date.now() / 1000);
  const keyFile = (name: string, text: string, mode = 0o600): string => {
    const file = join(directory, name);
    writeFileSync(file, text);
    chmodSync(file, mode);
    return file;
  };
  const key = (expiresAt: number): string =>
    makeApiKey({ tenantId: 'acme', plan: 'local', expiresAt }, privateKey);
  const status = async (file: string, says: string) =>
    (await doctor(['--key-file', file])).find(`key file ${file}`, says)?.status;
  assert.equal(await status(keyFile('old', key(now - 60)), 'expired'), 'wrong');
  assert.equal(await status(keyFile('soon', key(now + 86_400)), 'expires'), 'warn');
  assert.equal(await status(keyFile('good', key(now + 90 * 86_400)), 'expires'), 'ok');
  assert.equal(await status(keyFile('broken', 'vk1.x'), ''), 'wrong');
  assert.equal(await status(keyFile('open', key(0), 0o644), 'others on this machine'), 'warn');
  assert.equal((await doctor(['--key-file', join(directory, 'old')])).status, 1);
});

test('a control plane that is away, refuses the key, or has another time is each told', async (t) => {
  const away = await doctor(['--ingest-url', 'http://127.0.0.1:9']);
  assert.equal(away.status, 1);
  assert.equal(away.find('ingest')?.status, 'wrong');
  const env = { VANTIO_API_KEY: API_KEY };
  const behind = await doctor(['--ingest-url', await server(t, 403, Date.now() + 3_600_000)], {
    env,
  });
  assert.equal(behind.find('ingest', 'answers')?.status, 'ok');
  assert.equal(behind.find('key at ingest', 'refused (403)')?.status, 'wrong');
  assert.match(
    behind.find('clock')?.says ?? '',
    /^this clock is 3(599|600)\.\d s behind the server's$/,
  );
  const well = await doctor(['--ingest-url', await server(t, 200, Date.now())], { env });
  assert.equal(well.find('key at ingest')?.status, 'ok');
  assert.equal(well.find('clock')?.status, 'ok');
});

/** Stands in for a control plane whose clock the test sets. */
async function server(t: TestContext, status: number, at: number): Promise<string> {
  const skew = at - Date.now();
  const http = createServer((request, response) => {
    response.statusCode = request.url === '/healthz' ? 200 : status;
    response.setHeader('date', new Date(Date.now() + skew).toUTCString());
    response.end();
  });
  t.after(() => http.close());
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
}

test('doctor exits 2 for arguments that it does not know', async () => {
  assert.equal((await runVantio(['doctor', '--frobnicate'])).status, 2);
});

test('a ledger that cannot be written, and a trace id that is none, are told', async (t) => {
  const directory = temporaryDirectory(t);
  const { find, status } = await doctor([], {
    env: {
      VANTIO_OUTPUT_FILE: join(directory, 'none', 'ledger.ndjson'),
      VANTIO_TRACE_ID: 'x',
      VANTIO_SESSION_ROOT: join(directory, 'none.pem'),
      SOVEREIGN_MODE: 'moon',
    },
  });
  assert.equal(status, 1);
  for (const name of ['ledger', 'VANTIO_TRACE_ID', 'VANTIO_SESSION_ROOT', 'SOVEREIGN_MODE'])
    assert.equal(find(name)?.status, 'wrong', name);
});

test('doctor tells what is held to policy on this Node, and whether anybody vouches for it', async (t) => {
  const file = join(temporaryDirectory(t), 'policy.json');
  writeFileSync(file, '{"v":1,"version":3,"blocked_hosts":["blocked.example"]}');
  const held = await doctor([], { env: { VANTIO_POLICY_FILE: file } });
  assert.equal(held.find('policy')?.says, 'version 3 of VANTIO_POLICY_FILE, mode enforce');
  const points = held.checks.filter(({ name }) => name.startsWith('enforce:'));
  assert.equal(points.length, 10);
  assert.deepEqual([...new Set(points.map(({ status }) => status))], ['ok']);
  const unheard = await doctor([], { env: { VANTIO_CLOUD_INGEST: '1' } });
  assert.equal(unheard.find('policy')?.status, 'wrong');
  assert.match(unheard.find('policy')?.says ?? '', /is not "true": no policy is pulled/);
  const off = await doctor([], { env: { VANTIO_CLOUD_INGEST: 'false' } });
  assert.equal(off.find('policy')?.status, 'absent');
  const cloud = { VANTIO_CLOUD_INGEST: 'true', VANTIO_API_KEY: API_KEY };
  const pulled = await doctor([], { env: cloud });
  assert.match(pulled.find('VANTIO_TRUST')?.says ?? '', /transport only/);
  const mistyped = await doctor([], { env: { ...cloud, VANTIO_TRUST: 'abc' } });
  assert.equal(mistyped.find('VANTIO_TRUST')?.status, 'wrong');
  assert.equal((await doctor()).find('policy')?.status, 'absent');
  const cap = { window: 'day', scope: 'key', limit_microusd: 1 };
  writeFileSync(file, JSON.stringify({ v: 1, version: 4, spend: { caps: [cap] } }));
  const capped = await doctor([], { env: { VANTIO_POLICY_FILE: file } });
  assert.match(capped.find('spend')?.says ?? '', /across processes they are unmeasured/);
  assert.equal(held.find('spend'), undefined);
  writeFileSync(file, '{"v":1,"version":3,"hosts":[]}');
  const wrong = await doctor([], { env: { VANTIO_POLICY_FILE: file } });
  assert.match(wrong.find('policy')?.says ?? '', /hosts: is not a member/);
  assert.equal(wrong.status, 1);
});
