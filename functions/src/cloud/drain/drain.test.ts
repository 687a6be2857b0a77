import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent, request as httpRequest } from 'node:http';
import { test } from 'node:test';
import { PubSub } from '@google-cloud/pubsub';
import { signerIdOf } from '@vantio/schema';
import { openBatch } from '@vantio/schema/wire/sealed-batch';
import { aroundIngest } from '../testing/around-ingest.ts';
import { skip } from '../testing/emulated.ts';
import { type Instance, startInstance } from '../testing/instance.ts';
import { createEmitter, linesOf } from '../testing/records.ts';

type TestContext = { after(hook: () => unknown): void };

const BATCH = 5;
const SENDERS = 6;

/** Ingest in a process of its own, with a topic whose messages can be read afterwards. */
async function ingest(test: TestContext) {
  const { environment, ingestKey } = await aroundIngest(test);
  const pubsub = new PubSub({ projectId: 'vantio-local' });
  test.after(() => pubsub.close());
  const id = `end-${process.pid}-${Math.random().toString(36).slice(2, 8)}`;
  const [topic] = await pubsub.createTopic(id);
  const [subscription] = await topic.createSubscription(id);
  const instance = await startInstance(test, 'ingest', {
    ...environment,
    VANTIO_LEDGER_TOPIC: topic.name,
    PUBSUB_EMULATOR_HOST: process.env.PUBSUB_EMULATOR_HOST ?? '',
  });
  const signers = new Map([[signerIdOf(ingestKey.publicKey), ingestKey.publicKey]]);

  /** RecordHash-like identity of every record that the topic holds: its event id. */
  const held = async (wanted: ReadonlySet<string>): Promise<ReadonlySet<string>> => {
    const found = new Set<string>();
    const isWhole = (): boolean => [...wanted].every((event) => found.has(event));
    if (isWhole()) return found;
    subscription.on('message', (message) => {
      message.ack();
      for (const { record } of openBatch(message.data.toString(), signers).envelopes)
        found.add(record.event_id);
      if (isWhole()) subscription.emit('whole');
    });
    await once(subscription, 'whole', { signal: AbortSignal.timeout(30_000) });
    await subscription.close();
    return found;
  };
  return { ...instance, held };
}

type Outcome = { readonly status: number; readonly events: readonly string[] };

/** One batch over a connection of its own. @returns undefined when no answer came. */
async function send({ url }: Instance): Promise<Outcome | undefined> {
  const emitter = createEmitter('acme');
  try {
    const response = await fetch(`${url}/api/v1/ingest`, {
      method: 'POST',
      body: linesOf(emitter, BATCH).join('\n'),
      headers: {
        authorization: `Bearer ${emitter.apiKey}`,
        'content-type': 'application/x-ndjson',
      },
    });
    const { events = [] } = (await response.json()) as { events?: { event_id: string }[] };
    return { status: response.status, events: events.map(({ event_id }) => event_id) };
  } catch {
    return undefined;
  }
}

/** Sends without a pause until told to stop or nobody answers. */
function load(instance: Instance) {
  const outcomes: Outcome[] = [];
  const signs = new EventTarget();
  const sender = async (): Promise<void> => {
    for (;;) {
      const outcome = await send(instance);
      if (outcome === undefined) return;
      outcomes.push(outcome);
      if (outcomes.length === 40) signs.dispatchEvent(new Event('busy'));
    }
  };
  const busy = once(signs, 'busy');
  const done = Promise.all(Array.from({ length: SENDERS }, sender));
  return { outcomes, busy, done };
}

const acknowledged = (outcomes: readonly Outcome[]): ReadonlySet<string> =>
  new Set(outcomes.filter(({ status }) => status === 202).flatMap(({ events }) => events));

test('SIGTERM under load: every request that was read is answered, and what was acknowledged is in the topic', {
  skip,
}, async (context) => {
  const instance = await ingest(context);
  const { outcomes, busy, done } = load(instance);
  await busy;
  instance.kill('SIGTERM');
  assert.equal(await instance.exited, 0, instance.output());
  await done;
  assert.deepEqual(new Set(outcomes.map(({ status }) => status)), new Set([202]));
  const events = acknowledged(outcomes);
  assert.equal(events.size, outcomes.length * BATCH);
  await instance.held(events);
  const said = instance.log.map(({ message }) => message);
  assert.deepEqual(
    said.filter((message) => message.startsWith('drain')),
    ['draining', 'drained'],
  );
});

test('kill -9 under load: what was acknowledged is in the topic', { skip }, async (context) => {
  const instance = await ingest(context);
  const { outcomes, busy, done } = load(instance);
  await busy;
  instance.kill('SIGKILL');
  assert.equal(await instance.exited, null);
  await done;
  const events = acknowledged(outcomes);
  assert.ok(events.size >= 40 * BATCH);
  await instance.held(events);
});

test('a request whose body is still arriving at SIGTERM is read to its end and answered', {
  skip,
}, async (context) => {
  const instance = await ingest(context);
  assert.equal((await send(instance))?.status, 202);
  const emitter = createEmitter('acme');
  const body = linesOf(emitter, BATCH).join('\n');
  const request = httpRequest(`${instance.url}/api/v1/ingest`, {
    method: 'POST',
    agent: new Agent({ keepAlive: true }),
    headers: {
      authorization: `Bearer ${emitter.apiKey}`,
      'content-type': 'application/x-ndjson',
      'content-length': Buffer.byteLength(body),
    },
  });
  const answer = once(request, 'response');
  answer.catch(() => {});
  request.write(body.slice(0, 100));
  // The instance has begun to read: it has counted this request when it says that it ends.
  await once(request, 'socket').then(([socket]) => once(socket, 'connect'));
  await fetch(`${instance.url}/healthz`);
  const draining = instance.says('draining');
  instance.kill('SIGTERM');
  await draining;
  request.end(body.slice(100));
  const [response] = await answer;
  assert.equal(response.statusCode, 202);
  assert.equal(response.headers.connection, 'close');
  response.resume();
  assert.equal(await instance.exited, 0);
});
