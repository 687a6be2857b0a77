import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { AuditRecord } from '@vantio/schema';
import { makeCertificate } from '../testing/certificate.ts';
import { startIngest } from '../testing/ingest.ts';
import { newApiKey } from '../testing/keys.ts';
import { runAgent, scratch } from '../testing/run-agent.ts';
import { ANSWER, startTargets } from '../testing/targets.ts';
import { compare, NO_SUCH_CALL, type Row, renderObserved, type Truth } from './observed.ts';

const ROOM = fileURLToPath(new URL('../../', import.meta.url));
const MAJOR = process.versions.node.split('.')[0] ?? '';
const UPDATE = process.env.VANTIO_UPDATE_OBSERVED === '1';
const SENT = 12;
const BODY = { sent: SENT, received: ANSWER.length };

const http = { type: 'http_request', host: '127.0.0.1', ...BODY, status: 2 } as const;
const upgraded = { type: 'http_request', host: '127.0.0.1', status: 1 } as const;
const connect = { type: 'net_connect', host: '127.0.0.1', ...BODY } as const;
const CLIENTS: Readonly<Record<string, readonly [string, Omit<Truth, 'trace' | 'port'>]>> = {
  'fetch http': ['http', http],
  'fetch https': ['https', http],
  'fetch refused': ['closed', { type: 'http_request', host: '127.0.0.1' }],
  'undici 6 request': ['http', http],
  'undici 7 request': ['http', http],
  'undici 7 fetch': ['http', http],
  'undici 6 over HTTP/2': ['http2s', http],
  'undici 7 over HTTP/2': ['http2s', http],
  'undici 7 fetch over HTTP/2': ['http2s', http],
  WebSocket: ['http', upgraded],
  'WebSocket refused': ['http', { ...upgraded, status: 4, received: ANSWER.length }],
  'undici 6 WebSocket': ['http', upgraded],
  'undici 7 WebSocket': ['http', upgraded],
  'http.request': ['http', http],
  'https.request': ['https', http],
  'http.request refused': ['closed', { type: 'http_request', host: '127.0.0.1' }],
  'http.request upgraded': ['http', upgraded],
  'http2 plain': ['http2', http],
  'http2 tls': ['http2s', http],
  'net.connect': ['echo', connect],
  'new net.Socket': ['echo', connect],
  'net.connect by name': ['echo', { ...connect, host: 'localhost' }],
  'net.connect refused': ['closed', { type: 'net_connect', host: '127.0.0.1' }],
  'net.connect unix': ['unix', { type: 'net_connect', ...BODY }],
  'tls.connect': ['tls', { type: 'tls_connect', host: '127.0.0.1', ...BODY }],
};

let byClient: ReadonlyMap<string, readonly AuditRecord[]>;
let targets: Readonly<Record<string, number | string>>;

before(async () => {
  const certificate = makeCertificate();
  const authority = join(scratch(), 'ca.pem');
  writeFileSync(authority, certificate.cert);
  targets = await startTargets(certificate);
  const ingest = await startIngest();
  const ran = await runAgent('clients.mjs', {
    args: [JSON.stringify(targets)],
    env: {
      VANTIO_API_KEY: newApiKey(),
      VANTIO_INGEST_URL: ingest.url,
      NODE_EXTRA_CA_CERTS: authority,
    },
  });
  await ingest.close();
  assert.equal(ran.code, 0, ran.stderr);
  assert.deepEqual(ingest.faults, []);
  const named = ingest.envelopes.filter(({ record }) => record.event_type === 'shield_end');
  byClient = new Map(
    named.map(({ record: { trace_id }, disclosures }) => [
      disclosures?.[0]?.value ?? '',
      ingest.records().filter((record) => record.trace_id === trace_id),
    ]),
  );
});

const rows = (): readonly Row[] =>
  Object.entries(CLIENTS).map(([client, [at, truth]]) => {
    const records = byClient.get(client) ?? [];
    if (client.startsWith('WebSocket') && !('WebSocket' in globalThis))
      return { client, observed: NO_SUCH_CALL };
    const trace = records.find(({ event_type }) => event_type === 'shield_end')?.trace_id;
    assert.ok(trace, `${client} ran`);
    const port = targets[at];
    const wanted = { ...truth, trace, ...(typeof port === 'number' ? { port } : {}) };
    return { client, observed: compare(client, records, wanted) };
  });

test('each client is seen as the table says, and never wrongly', () => {
  const file = join(ROOM, 'observed', `node-${MAJOR}.json`);
  const seen = rows();
  if (UPDATE) writeFileSync(file, `${JSON.stringify(seen, null, 2)}\n`);
  assert.deepEqual(seen, JSON.parse(readFileSync(file, 'utf8')));
});

test('no call is recorded twice, as a request and as a bare connection', () => {
  for (const [client, records] of byClient) {
    const events = records.filter(({ event_type }) => event_type !== 'shield_end');
    assert.ok(events.length <= 1, `${client}: ${events.map(({ event_type }) => event_type)}`);
  }
});

test('OBSERVED.md is what was seen on every version', () => {
  const files = readdirSync(join(ROOM, 'observed')).filter((name) => name.endsWith('.json'));
  const versions = new Map(
    files.map((name) => [
      /\d+/.exec(name)?.[0] ?? '',
      JSON.parse(readFileSync(join(ROOM, 'observed', name), 'utf8')) as Row[],
    ]),
  );
  const text = renderObserved(versions);
  if (UPDATE) writeFileSync(join(ROOM, 'OBSERVED.md'), text);
  assert.equal(readFileSync(join(ROOM, 'OBSERVED.md'), 'utf8'), text);
});
