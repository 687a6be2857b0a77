import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { PubSub } from '@google-cloud/pubsub';
import { aroundIngest } from '../testing/around-ingest.ts';
import { skip } from '../testing/emulated.ts';
import { startInstance } from '../testing/instance.ts';
import { startOtlpReceiver } from '../testing/otlp-receiver.ts';
import { createEmitter, linesOf } from '../testing/records.ts';
import { METRICS } from './definitions.ts';
import { measure, setSink } from './measure.ts';

test('at its end ingest has told a collector what it did, and nothing of whom', {
  skip,
}, async (context) => {
  const { environment } = await aroundIngest(context);
  const receiver = await startOtlpReceiver(context);
  const pubsub = new PubSub({ projectId: 'vantio-local' });
  context.after(() => pubsub.close());
  const [topic] = await pubsub.createTopic(`metrics-${process.pid}`);
  const instance = await startInstance(context, 'ingest', {
    ...environment,
    VANTIO_LEDGER_TOPIC: topic.name,
    PUBSUB_EMULATOR_HOST: process.env.PUBSUB_EMULATOR_HOST ?? '',
    // Nobody listens there.
    REDIS_URL: 'redis://127.0.0.1:1',
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint,
  });
  const emitter = createEmitter('tenant-of-nobody-else');
  const send = async (body: string, apiKey = emitter.apiKey): Promise<number> => {
    const { status } = await fetch(`${instance.url}/api/v1/ingest`, {
      method: 'POST',
      body,
      headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/x-ndjson' },
    });
    return status;
  };
  assert.equal(await send(linesOf(emitter, 5).join('\n')), 202);
  assert.equal(await send(linesOf(emitter, 3).slice(1).join('\n')), 202);
  assert.equal(await send('{}'), 422);
  assert.equal(await send('{}', 'vk_x'), 401);
  assert.equal((await fetch(`${instance.url}/healthz`)).status, 200);
  instance.kill('SIGTERM');
  assert.equal(await instance.exited, 0, instance.output());

  const { points } = receiver;
  assert.deepEqual([...receiver.paths], ['POST /v1/metrics']);
  assert.deepEqual(points('vantio.requests'), {
    'function=ingest status=2xx': 2,
    'function=ingest status=4xx': 2,
  });
  assert.deepEqual(points('vantio.requests.refused'), {
    'function=ingest reason=invalid_record': 1,
    'function=ingest reason=malformed_key': 1,
  });
  assert.deepEqual(points('vantio.events.accepted'), { '': 7 });
  assert.deepEqual(points('vantio.batch.records'), { '': [2, 7] });
  const [published] = points('vantio.publish.duration')['outcome=ok'] as unknown as readonly [
    number,
  ];
  assert.equal(published, 2);
  assert.ok(Number(points('vantio.redis.away')['']) > 0);
  assert.deepEqual(points('vantio.bytes.held'), { 'function=ingest': 0 });
  assert.ok(Number(points('vantio.revocations.age')['']) >= 0);

  const { 'service.instance.id': id, ...resource } = receiver.resource();
  assert.match(String(id), /^[0-9a-f-]{36}$/);
  assert.deepEqual(resource, {
    'service.namespace': 'vantio',
    'service.name': 'vantio-ingest',
    'service.version': 'vantio-ingest-00001',
    'gcp.project_id': 'vantio-local',
  });
  for (const [name, label, value] of receiver.labels()) {
    const allowed = METRICS[name as keyof typeof METRICS].labels as Record<string, string[]>;
    assert.ok(allowed[label]?.includes(value), `${name} ${label}=${value}`);
  }
  for (const secret of [emitter.tenantId, emitter.keyId, emitter.session.sessionId])
    assert.ok(!receiver.text().includes(secret));
});

test('a value that is not of the table leaves as other, and a label that is not, never', (context) => {
  const seen: unknown[] = [];
  setSink((name, value, labels) => seen.push([name, value, labels]));
  context.after(() => setSink(undefined));
  const labels = { function: 'ingest', reason: 'what a client sent', tenant: 'acme' };
  measure('vantio.requests.refused', 1, labels);
  assert.deepEqual(seen, [['vantio.requests.refused', 1, { function: 'ingest', reason: 'other' }]]);
});

const ASKED = `
  import { createRequire } from 'node:module';
  import { http } from '@google-cloud/functions-framework';
  import { getTestServer } from '@google-cloud/functions-framework/testing';
  const { lazily } = await import(process.argv[1]);
  http('f', lazily(async () => (_request, response) => void response.end('here')));
  const server = getTestServer('f').listen(0, '127.0.0.1', async () => {
    const answer = await fetch('http://127.0.0.1:' + server.address().port + '/');
    if ((await answer.text()) !== 'here') process.exit(1);
    const loaded = Object.keys(createRequire(import.meta.url).cache);
    console.log('MODULES ' + loaded.filter((path) => path.includes('/@opentelemetry/')).length);
    process.exit(0);
  });
`;

/** How many modules of OpenTelemetry a function has loaded once it has answered. */
function loadedWith(environment: Readonly<Record<string, string>>): number {
  const lazily = new URL('../lazily.js', import.meta.url).href;
  const output = execFileSync(
    process.execPath,
    ['--input-type=module', '--eval', ASKED, '--', lazily],
    {
      env: { PATH: process.env.PATH ?? '', ...environment },
      cwd: fileURLToPath(new URL('.', import.meta.url)),
      encoding: 'utf8',
    },
  );
  return Number(/MODULES (\d+)/.exec(output)?.[1]);
}

test('without a collector nothing of OpenTelemetry is loaded', () => {
  assert.equal(loadedWith({}), 0);
  assert.ok(loadedWith({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1' }) > 0);
});

test('a collector that does not answer costs a line in the log and no request', {
  skip,
}, async (context) => {
  const { environment } = await aroundIngest(context);
  const instance = await startInstance(context, 'ingest', {
    ...environment,
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1',
  });
  assert.equal((await fetch(`${instance.url}/api/v1/ingest`, { method: 'POST' })).status, 401);
  instance.kill('SIGTERM');
  assert.equal(await instance.exited, 0, instance.output());
  assert.ok(instance.log.some(({ message }) => message === 'metrics_late'));
});
