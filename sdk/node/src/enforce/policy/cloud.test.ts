import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type AuditRecord, parseEnvelope } from '@vantio/schema';
import { newApiKey } from '../../testing/keys.ts';
import { runAgent, scratch } from '../../testing/run-agent.ts';
import { none, type Serve, served, startControlPlane, TRUST } from '../testing/control-plane.ts';
import { CLIENTS, REGISTER } from '../testing/run-enforced.ts';
import { startSmall } from '../testing/small-servers.ts';

const WAY = 'fetch of what is blocked';
const BLOCKING = { v: 1, version: 5, blocked_hosts: ['127.0.0.1'] };
const PAST = '2020-01-01T00:00:00Z';

type Setting = {
  readonly serve: Serve | 'down';
  readonly trust?: string;
  readonly spool?: string;
  readonly apiKey?: string;
  readonly preload?: string;
  readonly way?: string;
};

/** One call to a host that the policy forbids. @returns what came of it, and the states of policy that were recorded. */
async function call({
  serve,
  trust = TRUST,
  spool = scratch(),
  apiKey,
  preload,
  way = WAY,
}: Setting) {
  const plane = await startControlPlane(serve === 'down' ? none : serve);
  const target = await startSmall();
  if (serve === 'down') plane.close();
  const began = performance.now();
  const ran = await runAgent('enforced/ways.mjs', {
    args: [JSON.stringify({ ways: [way], at: { blocked: target.port } })],
    nodeArgs: ['--no-warnings'],
    env: {
      NODE_OPTIONS: `${preload === undefined ? '' : `--require=${preload} `}--require=${REGISTER}`,
      VANTIO_CLOUD_INGEST: 'true',
      VANTIO_API_KEY: apiKey ?? plane.apiKey,
      VANTIO_INGEST_URL: plane.url,
      VANTIO_SPOOL_DIR: spool,
      VANTIO_TRUST: trust,
      CLIENTS,
    },
  });
  const ms = performance.now() - began;
  plane.close();
  assert.equal(ran.code, 0, ran.stderr);
  const { text, codes } = JSON.parse(ran.stdout)[way];
  // Of one that is down the spool has what would have been sent.
  const records = serve === 'down' ? spooled(spool) : plane.records();
  const states = records
    // What the process before it left on disk comes along.
    .filter(({ event_type, pid }) => event_type === 'policy_state' && pid === ran.pid)
    .map(said);
  return {
    came: text ?? codes[0],
    reached: target.connections,
    asked: plane.asked(),
    states,
    ms,
    records,
  };
}

const spooled = (spool: string): readonly AuditRecord[] =>
  readdirSync(spool, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .flatMap(({ parentPath, name }) => readFileSync(join(parentPath, name), 'utf8').split('\n'))
    .filter((line) => line.startsWith('{') && line.includes('"record_mac"'))
    .map((line) => parseEnvelope(line).record);

const said = ({ action_taken, reason_code, policy_version }: AuditRecord): string =>
  [action_taken.replace('POLICY_', ''), policy_version, reason_code]
    .filter((part) => part !== undefined)
    .join(' ');

test('a signed policy is in force before the first request, however late it comes within 2 s', async () => {
  const late: Serve = (response) => void setTimeout(served(BLOCKING), 700, response, 0);
  const { came, reached, states, records } = await call({ serve: late });
  assert.deepEqual([came, reached, states], ['BLOCKED_HOST', 0, ['APPLIED 5']]);
  const applied = records.find(({ action_taken }) => action_taken === 'POLICY_APPLIED');
  assert.match(applied?.policy_sha256 ?? '', /^[0-9a-f]{64}$/);
  assert.match(applied?.signer_id ?? '', /^[0-9a-f]{8}$/);
});

test('without a pinned key the policy holds, and the records say that only its transport is trusted', async () => {
  const { came, states } = await call({ serve: served(BLOCKING, null), trust: '' });
  assert.deepEqual([came, states], ['BLOCKED_HOST', ['APPLIED 5', 'TRANSPORT_ONLY 5']]);
});

const other = generateKeyPairSync('ed25519').privateKey;
const GARBAGE: Serve = (response) => void response.end('<html>welcome</html>');
const HUGE: Serve = (response) => {
  const junk = Buffer.alloc(1024 * 1024, 0x20);
  for (let at = 0; at < 10; at++) response.write(junk);
  response.end('{}');
};
const ITSELF: Serve = (response) =>
  void response.writeHead(307, { location: '/api/v1/config' }).end();

const FAULTS: readonly (readonly [string, Serve | 'down', string])[] = [
  ['is down', 'down', 'UNAVAILABLE network'],
  ['answers garbage', GARBAGE, 'UNAVAILABLE garbage'],
  ['answers 500', (response) => void response.writeHead(500).end(), 'UNAVAILABLE refused'],
  [
    'has too much to do',
    (response) => void response.writeHead(503).end(),
    'UNAVAILABLE overloaded',
  ],
  ['redirects to itself', ITSELF, 'UNAVAILABLE refused'],
  ['answers 10 MB', HUGE, 'UNAVAILABLE too_large'],
  ['has no policy', none, 'UNAVAILABLE none'],
  ['serves one that another key signed', served(BLOCKING, other), 'REJECTED bad_signature'],
  ['serves one that nobody signed', served(BLOCKING, null), 'REJECTED unknown_signer'],
  [
    "serves another tenant's",
    (response) =>
      void response.end(
        JSON.stringify({ v: 1, mode: 'enforce', policy: '{"policy":{},"tenant_id":"other"}' }),
      ),
    'REJECTED bad_value',
  ],
];

for (const [what, serve, state] of FAULTS)
  test(`when the control plane ${what}, calls go as without us, and a record says so`, async () => {
    const { came, states, ms } = await call({ serve });
    assert.equal(came, '200 ok');
    assert.ok(ms < 10_000);
    assert.deepEqual(states, [state]);
  });

const DRIBBLING: Serve = (response) => {
  response.writeHead(200, { 'content-type': 'application/json' });
  const dribble = setInterval(() => response.write(' '), 100);
  response.on('close', () => clearInterval(dribble));
};

for (const [what, serve] of [
  ['does not answer', () => undefined],
  ['answers a byte at a time', DRIBBLING],
] as const)
  test(`when the control plane ${what}, the first request waits 2 s and then goes`, async () => {
    const { came, states, ms } = await call({ serve });
    assert.equal(came, '200 ok');
    assert.deepEqual(states, ['UNAVAILABLE timeout']);
    assert.ok(ms >= 2000);
  });

test('while a program has its thread to itself, the wait for the first policy does not run out', async () => {
  const late: Serve = (response) => void setTimeout(served(BLOCKING), 700, response, 0);
  const way = 'fetch of what is blocked, after a long calculation';
  const { came, reached } = await call({ serve: late, way });
  assert.deepEqual([came, reached], ['BLOCKED_HOST', 0]);
});

test('a control plane that has too much to do is asked again when it allows, while the first request waits', async () => {
  const busy: Serve = (response, asked) =>
    asked === 0
      ? void response.writeHead(429, { 'retry-after': '1' }).end()
      : served(BLOCKING)(response, asked);
  const { came, reached, states, ms } = await call({ serve: busy });
  assert.deepEqual([came, reached], ['BLOCKED_HOST', 0]);
  assert.deepEqual(states, ['UNAVAILABLE overloaded', 'APPLIED 5']);
  assert.ok(ms >= 1000);
});

test('one that is to be left alone for longer than 2 s is not waited for', async () => {
  const busy: Serve = (response) => void response.writeHead(503, { 'retry-after': '60' }).end();
  const { came, asked } = await call({ serve: busy });
  assert.deepEqual([came, asked], ['200 ok', 1]);
});

test('a policy of 100,000 hosts is in force before the first request', async () => {
  const hosts = Array.from({ length: 100_000 }, (_, at) => `host-${at}.example`);
  const { came, states } = await call({
    serve: served({ ...BLOCKING, blocked_hosts: [...hosts, '127.0.0.1'] }),
  });
  assert.deepEqual([came, states], ['BLOCKED_HOST', ['APPLIED 5']]);
});

test('what VANTIO_TRUST names and is no key is no reason to trust the transport', async () => {
  const { came, states } = await call({ serve: served(BLOCKING), trust: 'abc' });
  assert.deepEqual([came, states], ['200 ok', ['REJECTED unknown_signer']]);
});

test('the last good policy survives a restart; an older one, or the same with other rules, does not replace it', async () => {
  const again = { spool: scratch(), apiKey: newApiKey() };
  const policy = { ...BLOCKING, max_age: 1 };
  assert.equal((await call({ ...again, serve: served(policy) })).came, 'BLOCKED_HOST');
  assert.equal((await call({ ...again, serve: 'down' })).came, 'BLOCKED_HOST');
  await new Promise((resolve) => setTimeout(resolve, 1100));
  const older = await call({ ...again, serve: served({ v: 1, version: 4 }) });
  assert.deepEqual(
    [older.came, older.states],
    ['BLOCKED_HOST', ['STALE 5', 'REJECTED rolled_back']],
  );
  const same = await call({ ...again, serve: served({ v: 1, version: 5 }) });
  assert.deepEqual([same.came, same.states], ['BLOCKED_HOST', ['STALE 5', 'REJECTED rolled_back']]);
  const newer = await call({ ...again, serve: served({ v: 1, version: 6 }) });
  assert.deepEqual([newer.came, newer.states], ['200 ok', ['STALE 5', 'APPLIED 6']]);
});

test('an expired policy holds while it is stale, and then only the rules that are closed do', async () => {
  const stale = { ...BLOCKING, expires_at: PAST, stale_if_error: 31_536_000, max_age: 31_536_000 };
  const recently = new Date(Date.now() - 60_000).toISOString().slice(0, 19);
  const held = await call({ serve: served({ ...stale, expires_at: `${recently}Z` }) });
  assert.deepEqual([held.came, held.states], ['BLOCKED_HOST', ['STALE 5']]);
  const gone = await call({ serve: served({ ...BLOCKING, expires_at: PAST, stale_if_error: 0 }) });
  assert.deepEqual([gone.came, gone.states], ['200 ok', ['UNAVAILABLE 5']]);
});

test('a closed rule of the last policy known holds at a cold start, with nobody to ask', async () => {
  const again = { spool: scratch(), apiKey: newApiKey() };
  const closed = { host: '127.0.0.1', id: 'shut', on_unavailable: 'closed' };
  const policy = { ...BLOCKING, blocked_hosts: [closed], max_age: 1, stale_if_error: 0 };
  await call({ ...again, serve: served(policy) });
  await new Promise((resolve) => setTimeout(resolve, 1100));
  const { came, reached } = await call({ ...again, serve: 'down' });
  assert.deepEqual([came, reached], ['BLOCKED_UNAVAILABLE', 0]);
});

test('a clock that is a year ahead or behind changes nothing while policy can be had', async () => {
  for (const days of [-365, 365]) {
    const preload = join(scratch(), 'clock.cjs');
    writeFileSync(preload, `const { now } = Date; Date.now = () => now() + ${days} * 86_400_000;`);
    const { came, states } = await call({ serve: served(BLOCKING), preload });
    assert.deepEqual([came, states], ['BLOCKED_HOST', ['APPLIED 5']]);
  }
});

/** An agent that goes on calling a host until the policy that it follows forbids that. */
async function runUntilBlocked(
  url: string,
  { apiKey, spool }: { readonly apiKey: string; readonly spool: string },
): ReturnType<typeof runAgent> {
  const target = await startSmall();
  return runAgent('enforced/until-blocked.mjs', {
    args: [`http://127.0.0.1:${target.port}/`],
    env: {
      NODE_OPTIONS: `--require=${REGISTER}`,
      VANTIO_CLOUD_INGEST: 'true',
      VANTIO_API_KEY: apiKey,
      VANTIO_INGEST_URL: url,
      VANTIO_SPOOL_DIR: spool,
      VANTIO_TRUST: TRUST,
    },
  });
}

test('a newer policy takes over in a process that runs', async () => {
  const first = { v: 1, version: 1, max_age: 1 };
  const plane = await startControlPlane((response, asked) =>
    served(asked === 0 ? first : { ...BLOCKING, max_age: 1 })(response, asked),
  );
  const ran = await runUntilBlocked(plane.url, { apiKey: plane.apiKey, spool: scratch() });
  plane.close();
  assert.match(ran.stdout, /^went [1-9]\d*, then BLOCKED_HOST under 5: /);
});

test('a policy is asked for under its ETag, and one that is unchanged is fresh again', async () => {
  const tags: (string | undefined)[] = [];
  const plane = await startControlPlane((response, asked) => {
    tags.push(response.req.headers['if-none-match']);
    if (asked > 0 && asked < 4) return void response.writeHead(304).end();
    response.setHeader('etag', '"one"');
    served(asked === 0 ? { v: 1, version: 1, max_age: 1 } : BLOCKING)(response, asked);
  });
  const ran = await runUntilBlocked(plane.url, { apiKey: plane.apiKey, spool: scratch() });
  plane.close();
  assert.match(ran.stdout, /^went [1-9]\d*, then BLOCKED_HOST under 5: /);
  assert.deepEqual(tags, [undefined, '"one"', '"one"', '"one"', '"one"']);
  const states = plane.records().filter(({ event_type }) => event_type === 'policy_state');
  assert.deepEqual(states.map(said), ['APPLIED 1', 'APPLIED 5']);
});

test('what another process of the machine was served is taken from disk, not asked for again', async () => {
  const shared = { spool: scratch(), apiKey: newApiKey() };
  const first = { v: 1, version: 1, max_age: 1 };
  // It answers once, and this process's own questions never again.
  const plane = await startControlPlane((response, asked) =>
    asked === 0
      ? served(first)(response, asked)
      : void response.writeHead(503, { 'retry-after': '1' }).end(),
  );
  const running = runUntilBlocked(plane.url, shared);
  while (plane.asked() < 2) await new Promise((resolve) => setTimeout(resolve, 20));
  // What is on disk is past its age by now, so that the other process asks.
  await new Promise((resolve) => setTimeout(resolve, 1100));
  const { came } = await call({ ...shared, serve: served({ ...BLOCKING, max_age: 60 }) });
  assert.equal(came, 'BLOCKED_HOST');
  const { stdout } = await running;
  plane.close();
  assert.match(stdout, /^went [1-9]\d*, then BLOCKED_HOST under 5: /);
});
