import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aroundIngest } from './testing/around-ingest.ts';
import { openBlackHole } from './testing/black-hole.ts';
import { startInstance } from './testing/instance.ts';
import { createEmitter, linesOf } from './testing/records.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';
/** What a client sends and no line may repeat. */
const SECRET = 'Zx9-never-in-a-log';

const post = (url: string, headers: Readonly<Record<string, string>>, body: string) =>
  fetch(`${url}/api/v1/ingest`, { method: 'POST', headers, body });

test('a request’s lines carry its trace; none holds what was sent', async (context) => {
  const { environment } = await aroundIngest(context);
  const { url, log, output } = await startInstance(context, 'ingest', environment);
  const { apiKey } = createEmitter('acme');
  const json = { 'content-type': 'application/json' };
  const bearer = { authorization: `Bearer ${apiKey}` };
  const traced = { traceparent: `00-${TRACE}-${SPAN}-01` };
  const answers = [
    await post(url, { ...json, ...traced, authorization: `Bearer ${SECRET}` }, `"${SECRET}"`),
    // The framework would write a parser's complaint into the log, and quote the body.
    await post(url, { ...json, ...bearer }, `{"${SECRET}": ${SECRET}`),
    await post(url, { ...json, ...bearer }, `{"events":[{"prompt":"${SECRET}"}]}`),
    await post(url, { ...json, ...bearer, 'content-encoding': 'gzip' }, SECRET),
    await post(
      url,
      {
        ...json,
        traceparent: `00-${TRACE}-${SPAN}-01-${SECRET}`,
        'x-cloud-trace-context': `${SECRET}/1`,
        'function-execution-id': SECRET.repeat(5),
      },
      SECRET,
    ),
    await fetch(`${url}/${SECRET}?${SECRET}`, { headers: { 'user-agent': SECRET } }),
  ];
  assert.deepEqual(
    answers.map(({ status }) => status),
    [401, 400, 422, 415, 401, 401],
  );
  const refused = log.filter(({ message }) => message === 'refused');
  assert.deepEqual(
    refused.map(({ reason }) => reason),
    [
      'malformed_key',
      'malformed_json',
      'invalid_record',
      'unsupported_encoding',
      'missing_key',
      'missing_key',
    ],
  );
  assert.deepEqual(refused[0], {
    severity: 'INFO',
    message: 'refused',
    status: 401,
    reason: 'malformed_key',
    'logging.googleapis.com/trace': `projects/vantio-local/traces/${TRACE}`,
    'logging.googleapis.com/spanId': SPAN,
    'logging.googleapis.com/trace_sampled': true,
  });
  assert.equal(refused[4]?.['logging.googleapis.com/trace'], undefined);
  assert.ok(!output().includes(SECRET), output());
  assert.ok(!output().includes(apiKey));
});

test('a fault is one that Error Reporting takes, with our own frames and no message', async (context) => {
  const { environment, secrets } = await aroundIngest(context);
  const { url, log, output } = await startInstance(context, 'ingest', {
    ...environment,
    PUBSUB_EMULATOR_HOST: await openBlackHole(context),
  });
  secrets.put('projects/vantio-local/secrets/vantio-ingest-key', SECRET);
  const emitter = createEmitter('acme');
  const answer = await post(
    url,
    {
      authorization: `Bearer ${emitter.apiKey}`,
      'content-type': 'application/x-ndjson',
      traceparent: `00-${TRACE}-${SPAN}-00`,
    },
    linesOf(emitter, 3).join('\n'),
  );
  assert.equal(answer.status, 503);
  const fault = log.find(({ severity }) => severity === 'ERROR');
  assert.equal(fault?.message, 'a batch could not be published');
  assert.equal(
    fault?.['@type'],
    'type.googleapis.com/google.devtools.clouderrorreporting.v1beta1.ReportedErrorEvent',
  );
  assert.deepEqual(fault?.serviceContext, {
    service: 'vantio-ingest',
    version: 'vantio-ingest-00001',
  });
  assert.equal(fault?.['logging.googleapis.com/trace'], `projects/vantio-local/traces/${TRACE}`);
  const [head, ...frames] = String(fault?.stack_trace).split('\n');
  assert.match(String(head), /^[A-Za-z]+: a batch could not be published$/);
  assert.ok(frames.length > 0);
  for (const frame of frames)
    assert.match(frame, /^ {4}at .*(cloud|ingest)\/[a-z/-]+\.js:\d+:\d+\)?$/);
  assert.ok(!output().includes(SECRET));
});
