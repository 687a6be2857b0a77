import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { before, test } from 'node:test';
import type { AuditRecord } from '@vantio/schema';
import { type ModelServer, startModelServer } from '../../enforce/testing/model-server.ts';
import { CLIENTS, type Enforced, runEnforced } from '../../enforce/testing/run-enforced.ts';

type Context = { readonly traceId: string; readonly spanId: string; readonly traceFlags: number };
type OtelSpan = {
  readonly name: string;
  readonly kind: number;
  readonly scope: string;
  readonly schema?: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parent?: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly status: { readonly code: number; readonly message?: string };
  readonly events: number;
  readonly durationNs: number;
};
type Ids = { readonly trace: string; readonly headers: { readonly traceparent?: string } };
type Said = {
  readonly arrived: readonly (readonly string[])[];
  readonly outer: Ids & Context;
  readonly alone: Ids & { readonly active?: Context };
  readonly continued?: Context;
  readonly steps: readonly (string | null)[];
  readonly after: { readonly otel: string; readonly trace: string };
  readonly results?: readonly number[];
  readonly isOwn?: boolean;
};
type Bridged = { readonly spans: readonly OtelSpan[]; readonly said: Said; readonly ran: Enforced };

async function bridged(options: object, policy?: object, env = {}): Promise<Bridged> {
  const ran = await runEnforced('doors/otel.mjs', policy, {
    args: [JSON.stringify(options)],
    env,
  });
  assert.equal(ran.code, 0, ran.stderr);
  return { ...(JSON.parse(ran.stdout) as { spans: OtelSpan[]; said: Said }), ran };
}

const shieldNamed = (name: string, { records, envelopes }: Enforced): AuditRecord | undefined => {
  const { record } =
    envelopes.find(
      ({ record, disclosures }) =>
        record.event_type === 'shield_end' && disclosures?.[0]?.value === name,
    ) ?? {};
  return records.find(({ event_id }) => event_id === record?.event_id);
};
const ours = (spans: readonly OtelSpan[]) =>
  spans.filter(({ scope }) => scope === '@vantio/agent-sdk');
const requests = (spans: readonly OtelSpan[]) =>
  spans.filter(({ scope }) => scope === '@opentelemetry/instrumentation-undici');

const EXPORT = { bridge: { export: true } };
const EVERYWHERE = { VANTIO_TRACEPARENT: '127.0.0.1' };
let adopting: Bridged;
let exporting: Bridged;

before(async () => {
  adopting = await bridged({});
  exporting = await bridged(EXPORT, undefined, EVERYWHERE);
});

test('adopting: shields and events under an active span are of its trace, as its children', () => {
  const { said, ran } = adopting;
  const { outer } = said;
  assert.equal(outer.trace, outer.traceId);
  assert.equal(outer.headers.traceparent, `00-${outer.traceId}-${outer.spanId}-01`);
  const shield = shieldNamed('adopting', ran);
  assert.equal(shield?.trace_id, outer.traceId);
  assert.equal(shield?.parent_span_id, outer.spanId);
  assert.equal(shield?.trace_origin, 'inherited');
  const asked = ran.records.filter(
    ({ event_type, trace_id }) => event_type === 'http_request' && trace_id === outer.traceId,
  );
  assert.deepEqual(
    asked.map(({ span_id }) => span_id),
    [outer.spanId, shield?.span_id],
  );
});

test('adopting: outside any span of the other library nothing changes, and nothing is exported', () => {
  const { said, spans, ran } = adopting;
  assert.equal(shieldNamed('alone', ran)?.trace_origin, 'exact');
  assert.equal(said.alone.active, undefined);
  assert.deepEqual(ours(spans), []);
});

test('once it is ended nothing is adopted any more', () => {
  for (const { said } of [adopting, exporting]) assert.notEqual(said.after.trace, said.after.otel);
});

test('exporting: each shield is one span there, under the ids of its record', () => {
  const { spans, ran, said } = exporting;
  for (const name of ['adopting', 'alone', 'inner', 'continued', 'steps', 'failing']) {
    const twins = ours(spans).filter((span) => span.name === `invoke_agent ${name}`);
    assert.equal(twins.length, 1, name);
    const shield = shieldNamed(name, ran);
    assert.equal(twins[0]?.traceId, shield?.trace_id, name);
    assert.equal(twins[0]?.spanId, shield?.span_id, name);
    assert.equal(twins[0]?.parent, shield?.parent_span_id, name);
    assert.equal(twins[0]?.attributes['gen_ai.agent.name'], name);
    assert.equal(twins[0]?.schema, 'https://opentelemetry.io/schemas/1.41.0');
  }
  assert.equal(said.alone.active?.spanId, shieldNamed('alone', ran)?.span_id);
  assert.equal(shieldNamed('alone', ran)?.trace_origin, 'exact');
  assert.equal(said.continued?.traceId, '0af7651916cd43dd8448eb211c80319c');
  assert.deepEqual(new Set(said.steps), new Set([shieldNamed('steps', ran)?.span_id]));
});

test('exporting: a failure is a code, never a message', () => {
  const failed = exporting.spans.find(({ name }) => name === 'invoke_agent failing');
  assert.deepEqual(failed?.status, { code: 2 });
  assert.equal(failed?.attributes['error.type'], 'EFAILED');
  assert.equal(failed?.events, 0);
  assert.doesNotMatch(JSON.stringify(exporting.spans), /with content/);
});

for (const late of [false, true])
  test(`a request is one span and carries one traceparent, the instrumentation's${late ? ', also when it was there first' : ''}`, async () => {
    const { spans, said, ran } = late
      ? await bridged({ ...EXPORT, late }, undefined, EVERYWHERE)
      : exporting;
    assert.equal(requests(spans).length, 4);
    assert.equal(requests(spans).at(-1)?.parent, shieldNamed('inner', ran)?.span_id);
    const expected = requests(spans).map(({ traceId, spanId }) => [`00-${traceId}-${spanId}-01`]);
    assert.deepEqual(said.arrived, expected);
  });

test('a trace that is not sampled there stays so, and has the same ids here', async () => {
  const { spans, said } = await bridged({ ...EXPORT, sampler: 'off' });
  assert.deepEqual(spans, []);
  assert.equal(said.alone.active?.traceId, said.alone.trace);
  assert.match(said.alone.headers.traceparent ?? '', /-00$/);
});

test('without a provider there is nothing to join, and shields have ids of their own', async () => {
  const { spans, said, ran } = await bridged({ ...EXPORT, without: 'provider' });
  assert.deepEqual(spans, []);
  assert.equal(shieldNamed('alone', ran)?.trace_id, said.alone.trace);
  assert.equal(shieldNamed('inner', ran)?.parent_span_id, shieldNamed('alone', ran)?.span_id);
});

test('a fault of the other library costs no call, and runs none twice', async () => {
  const { said } = await bridged({ ...EXPORT, broken: 'with' });
  assert.deepEqual(said.results, [0, 1, 2, 3]);
  assert.equal(said.isOwn, true);
});

test('calls of models and tools are spans of the conventions, with what was counted and what refused them', async () => {
  const server: ModelServer = await startModelServer();
  const policy = {
    v: 1,
    version: 1,
    models: { blocked: ['model-x'] },
    tools: { blocked: ['shell'] },
  };
  const { spans, ran } = await bridged({ ...EXPORT, model: server.url }, policy);
  server.close();
  const [answered, refused, ...more] = ours(spans).filter(({ kind }) => kind === 2);
  assert.deepEqual(more, []);
  const { 'server.port': port, ...attributes } = answered?.attributes ?? {};
  assert.equal(port, Number(new URL(server.url).port));
  assert.equal(answered?.name, 'chat model-1');
  assert.deepEqual(attributes, {
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': 'openai',
    'gen_ai.request.model': 'model-1',
    'gen_ai.response.model': 'model-1-2027',
    'gen_ai.usage.input_tokens': 11,
    'gen_ai.usage.cache_read.input_tokens': 3,
    'gen_ai.usage.output_tokens': 7,
    'server.address': '127.0.0.1',
    'vantio.action': 'ALLOWED',
  });
  const recorded = ran.records.find(({ event_type }) => event_type === 'llm_call');
  assert.equal(Math.round((answered?.durationNs ?? 0) / 1000), recorded?.duration_us);
  assert.equal(answered?.parent, shieldNamed('modelling', ran)?.span_id);
  assert.equal(refused?.name, 'chat model-x');
  assert.deepEqual(refused?.status, { code: 2 });
  assert.equal(refused?.attributes['error.type'], 'BLOCKED_MODEL');
  assert.equal(refused?.attributes['vantio.rule_id'], 'models.blocked.0');
  const tools = spans.filter(({ name }) => name.startsWith('execute_tool'));
  assert.deepEqual(
    tools.map(({ name, status, parent }) => [name, status.code, parent]),
    [
      ['execute_tool read', 0, shieldNamed('tooling', ran)?.span_id],
      ['execute_tool shell', 2, shieldNamed('tooling', ran)?.span_id],
    ],
  );
  assert.equal(tools[1]?.attributes['error.type'], 'BLOCKED_TOOL');
  const names = new Set(Object.values(conventions()));
  const told = [answered, refused, ...tools].map((span) => span?.attributes);
  for (const name of Object.keys(Object.assign({}, ...told)))
    assert.ok(names.has(name) || name.startsWith('vantio.'), name);
});

/** The names that release 1.41 of the conventions has. */
const conventions = (): Readonly<Record<string, unknown>> =>
  createRequire(CLIENTS)('@opentelemetry/semantic-conventions/incubating');
