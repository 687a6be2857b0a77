import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type RecordDraft, readApiKey, recordKey } from '@vantio/schema';
import { createSession } from '@vantio/schema/session';
import { fixedKey } from '@vantio/schema/vectors/fixed-keys';
import { EPOCH, ledgerLines, TRACE } from '@vantio/schema/vectors/sample-session';
import { runVantio } from '../../testing/run-vantio.ts';
import { API_KEY } from '../../testing/sample-ledger.ts';
import { temporaryDirectory } from '../../testing/temporary-directory.ts';
import { startReceiver } from '../testing/otlp-receiver.ts';
import { readBack, skip } from '../testing/read-back.ts';
import { wideLedger } from '../testing/wide-ledger.ts';
import { SCHEMA_URL } from './attributes.ts';

type Read = {
  readonly name: string;
  readonly kind: number;
  readonly start: string;
  readonly end: string;
  readonly status: number;
  readonly trace: string;
  readonly span: string;
  readonly parent: string;
  readonly schema: string;
  readonly attributes: Readonly<Record<string, unknown>>;
};

const [INTERNAL, CLIENT] = [1, 3];
const [SHIELD, OUTER] = ['00f067aa0ba902b7', 'b7ad6b7169203331'];
const SEEN = {
  action_taken: 'OBSERVED',
  evidence: 'observed',
  trace_origin: 'exact',
  trace_id: TRACE,
};
const TARGET = { target_host: 'api.openai.com', target_port: 443 };

/** An agent's call of a model, of tools and of a host, in a shield in another. */
const CALLS: readonly object[] = [
  {
    event_type: 'llm_call',
    span_id: SHIELD,
    provider: 'openai',
    model: 'gpt-5.2-mini',
    input_tokens: 10,
    cached_input_tokens: 4,
    output_tokens: 9_007_199_254_740_991,
    streamed: true,
    duration_us: 1500,
    outcome: 'ok',
  },
  {
    event_type: 'llm_call',
    span_id: SHIELD,
    provider: 'openai',
    ...TARGET,
    action_taken: 'BLOCKED_SPEND',
    evidence: 'denied_before_effect',
  },
  {
    event_type: 'tool_call',
    span_id: SHIELD,
    tool_name: 'search',
    duration_us: 7,
    outcome: 'timeout',
  },
  { event_type: 'mcp_tool_call', span_id: SHIELD, tool_name: 'files', mcp_transport: 'stdio' },
  {
    event_type: 'http_request',
    ...TARGET,
    client: 'fetch',
    http_method: 'POST',
    error_code: 'ECONNRESET',
    outcome: 'error',
    duration_us: 3,
  },
  {
    event_type: 'shield_end',
    span_id: SHIELD,
    parent_span_id: OUTER,
    duration_us: 9000,
    outcome: 'ok',
  },
  // Of no trace, and of no call.
  { event_type: 'tool_call', tool_name: 'search', trace_id: undefined, trace_origin: 'none' },
  { event_type: 'net_close', protocol: 'tcp' },
];

function callsLedger(directory: string): readonly string[] {
  const { tenantId, keyId } = readApiKey(API_KEY);
  const session = createSession({
    tenantId,
    keyId,
    source: 'sdk_node',
    recordKey: recordKey(API_KEY),
    sessionKey: fixedKey('calls'),
  });
  const start = {
    event_type: 'session_start',
    action_taken: 'RECORDED',
    trace_id: undefined,
    trace_origin: 'none',
    session_public_key: session.publicKey,
    emitter: 'test',
    emitter_version: '1',
  };
  const sealed = [start, ...CALLS].map((draft, at) => {
    const members = Object.entries({ ...SEEN, ...draft }).filter(
      ([, value]) => value !== undefined,
    );
    return session.seal(Object.fromEntries(members) as unknown as RecordDraft, EPOCH + at * 10_000);
  });
  const file = join(directory, 'calls.ndjson');
  writeFileSync(
    file,
    ledgerLines(sealed.map((one) => ({ sealed: one, apiKey: API_KEY })))
      .map((line) => `${line}\n`)
      .join(''),
  );
  writeFileSync(join(directory, 'calls.key'), API_KEY);
  return [file, '--key-file', join(directory, 'calls.key')];
}

async function spansOf(t: TestContext, directory: string, args: readonly string[]) {
  const { endpoint, file, paths } = await startReceiver(t, directory);
  const ran = await runVantio(['convert', ...args, '--to', 'otlp-spans', '--endpoint', endpoint]);
  assert.equal(ran.status, 0, ran.stderr);
  assert.deepEqual(new Set(paths), new Set(['POST /v1/traces']));
  return {
    said: ran.stdout,
    spans: await readBack<readonly Read[]>('read_otlp.py', 'traces', file),
  };
}

test("OpenTelemetry's own definitions read the calls of an agent as spans in their shield", {
  skip,
}, async (t) => {
  const directory = temporaryDirectory(t);
  const { said, spans } = await spansOf(t, directory, callsLedger(directory));
  assert.match(said, /6 spans in 1 request\n3 records left out/);
  const nanos = (micros: number): string => `${EPOCH + micros}000`;
  const seen = spans.map(({ name, kind, parent, status, start, end }) => [
    name,
    kind,
    parent,
    status,
    start,
    end,
  ]);
  assert.deepEqual(seen, [
    ['llm_call gpt-5.2-mini', CLIENT, SHIELD, 0, nanos(10_000), nanos(11_500)],
    ['llm_call', CLIENT, SHIELD, 2, nanos(20_000), nanos(20_000)],
    ['execute_tool search', INTERNAL, SHIELD, 2, nanos(30_000), nanos(30_007)],
    ['tools/call files', CLIENT, SHIELD, 0, nanos(40_000), nanos(40_000)],
    ['POST', CLIENT, '', 2, nanos(50_000), nanos(50_003)],
    ['invoke_agent', INTERNAL, OUTER, 0, nanos(51_000), nanos(60_000)],
  ]);
  assert.ok(spans.every(({ trace, schema }) => trace === TRACE && schema === SCHEMA_URL));
  assert.equal(spans[5]?.span, SHIELD);
  assert.equal(new Set(spans.map(({ span }) => span)).size, 6);
  const attributes = spans.map((span) => span.attributes);
  assert.deepEqual(
    attributes.map((of) => [of['gen_ai.operation.name'], of['error.type']]),
    [
      ['llm_call', undefined],
      ['llm_call', 'BLOCKED_SPEND'],
      ['execute_tool', 'timeout'],
      ['execute_tool', undefined],
      [undefined, 'ECONNRESET'],
      ['invoke_agent', undefined],
    ],
  );
  assert.equal(attributes[0]?.['gen_ai.provider.name'], 'openai');
  assert.equal(attributes[0]?.['gen_ai.response.model'], 'gpt-5.2-mini');
  assert.equal(attributes[0]?.['gen_ai.request.stream'], true);
  assert.equal(attributes[0]?.['gen_ai.usage.cache_read.input_tokens'], '4');
  assert.equal(attributes[0]?.['gen_ai.usage.output_tokens'], '9007199254740991');
  assert.equal(attributes[1]?.['server.address'], 'api.openai.com');
  assert.equal(attributes[3]?.['mcp.method.name'], 'tools/call');
  assert.equal(attributes[4]?.['http.request.method'], 'POST');
});

test('spans of a ledger with everything in it are read, and no field of them is lost', {
  skip,
}, async (t) => {
  const directory = temporaryDirectory(t);
  const { args, sealed } = wideLedger(directory);
  const { spans } = await spansOf(t, directory, args);
  const calls = new Set(['shield_end', 'llm_call', 'tool_call', 'mcp_tool_call', 'http_request']);
  const traced = sealed.filter(({ record }) => calls.has(record.event_type) && record.trace_id);
  // A shield that began before 1970 has no place in OTLP.
  const fits = traced.filter(
    ({ record }) => record.event_type !== 'shield_end' || (record.duration_us ?? 0) < EPOCH,
  );
  assert.equal(spans.length, fits.length);
  for (const { attributes } of spans) assert.ok('vantio.event_id' in attributes);
});
