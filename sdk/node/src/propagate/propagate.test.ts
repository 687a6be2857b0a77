import assert from 'node:assert/strict';
import { test } from 'node:test';
import { policyFile } from '../enforce/testing/run-enforced.ts';
import { startIngest } from '../testing/ingest.ts';
import { newApiKey } from '../testing/keys.ts';
import { runAgent } from '../testing/run-agent.ts';

const OWN = '00-11111111111111111111111111111111-2222222222222222-01';
const hasCreated = Number(process.versions.node.split('.')[0]) >= 22;
type Said = {
  readonly arrived: Readonly<Record<string, readonly string[]>>;
  readonly trace: string;
  readonly headers: { readonly traceparent?: string };
  readonly outside: { readonly traceparent?: string };
};

async function propagated(env: Readonly<Record<string, string>>, own = 'none') {
  const ingest = await startIngest();
  const ran = await runAgent('propagated.mjs', {
    args: [own],
    env: { VANTIO_API_KEY: newApiKey(), VANTIO_INGEST_URL: ingest.url, ...env },
  });
  await ingest.close();
  assert.equal(ran.code, 0, ran.stderr);
  return { ...(JSON.parse(ran.stdout) as Said), stderr: ran.stderr, ingest };
}

const LISTED = { VANTIO_TRACEPARENT: '127.0.0.1' };
const POLICY = { v: 1, version: 1, blocked_hosts: ['blocked.example'] };
const enforced = () => ({ ...LISTED, VANTIO_POLICY_FILE: policyFile(POLICY) });

test('by default no trace leaves the process, and headers are there for who asks', async () => {
  const { arrived, headers, trace, outside } = await propagated({});
  for (const [way, values] of Object.entries(arrived)) assert.deepEqual(values, [], way);
  assert.match(headers.traceparent ?? '', new RegExp(`^00-${trace}-[0-9a-f]{16}-03$`));
  assert.deepEqual(outside, {});
});

test('listed hosts are told the trace and the span, others nothing, each hop of a redirect for itself', async () => {
  const { arrived, headers, ingest } = await propagated(LISTED);
  const sent = [headers.traceparent];
  const span = ingest.records().find(({ event_type }) => event_type === 'shield_end')?.span_id;
  assert.equal(headers.traceparent?.split('-')[2], span);
  assert.deepEqual(arrived, {
    fetch: sent,
    redirect: sent,
    redirected: [],
    unlisted: [],
    'undici 6': sent,
    'undici 7': sent,
    http: hasCreated ? sent : [],
    'http, headers as a list': [],
    http2: [],
    outside: [],
  });
});

test('while a policy is enforced http and http2 are reached on every Node version', async () => {
  const { arrived, headers } = await propagated(enforced());
  for (const way of ['fetch', 'undici 6', 'undici 7', 'http', 'http2'])
    assert.deepEqual(arrived[way], [headers.traceparent], way);
  assert.deepEqual(arrived.unlisted, []);
});

test('a traceparent that the program sends itself stays the only one', async () => {
  for (const way of ['fetch', 'undici 6', 'undici 7', 'http', 'http2']) {
    const { arrived } = await propagated(enforced(), way);
    assert.deepEqual(arrived[way], [OWN], way);
  }
});

test('outside any shield the trace of the process is told', async () => {
  const id = '0af7651916cd43dd8448eb211c80319c';
  const { arrived, outside } = await propagated({ ...LISTED, VANTIO_TRACE_ID: id });
  assert.match(outside.traceparent ?? '', new RegExp(`^00-${id}-(?!0{16})[0-9a-f]{16}-01$`));
  assert.deepEqual(arrived.outside, [outside.traceparent]);
  const parent = `00-${id}-b7ad6b7169203331-00`;
  const inherited = await propagated({ ...LISTED, TRACEPARENT: parent });
  assert.deepEqual(inherited.arrived.outside, [parent]);
});

test('the ingest is never told, and what is no host is told of on the debug channel', async () => {
  const env = { VANTIO_TRACEPARENT: '*,https://no.example', VANTIO_DEBUG: '1' };
  const { ingest, stderr } = await propagated(env);
  assert.deepEqual([...ingest.traceparents], [undefined]);
  assert.match(stderr, /VANTIO_TRACEPARENT: entry 2 is neither/);
  assert.doesNotMatch(stderr, /no\.example/);
});
