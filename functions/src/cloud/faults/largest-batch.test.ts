import assert from 'node:assert/strict';
import { createPublicKey } from 'node:crypto';
import { after, test } from 'node:test';
import { protos } from '@google-cloud/pubsub';
import { parseEnvelope, signerIdOf } from '@vantio/schema';
import { WIRE_LIMITS } from '@vantio/schema/wire/limits';
import { openBatch } from '@vantio/schema/wire/sealed-batch';
import { skip } from '../testing/emulated.ts';
import { createEmitter, type Emitter, linesOf } from '../testing/records.ts';
import { createCloudParts } from './cloud-parts.ts';
import { startFunction } from './function-process.ts';
import { startGrpcProxy } from './grpc-proxy.ts';
import { disclosingLines } from './large-records.ts';
import { post } from './post.ts';

const { PublishRequest } = protos.google.pubsub.v1;
const PUBSUB_BYTES = 10_000_000;

const parts = skip ? undefined : await createCloudParts();
after(() => parts?.close());

for (const [what, linesFor] of [
  ['bytes', (emitter: Emitter) => disclosingLines(emitter, 800, 4096)],
  ['records', (emitter: Emitter) => linesOf(emitter, WIRE_LIMITS.records)],
] as const)
  test(`the batch of the most ${what} that ingest takes goes to Pub/Sub whole, in messages that it takes`, {
    skip,
  }, async (t) => {
    assert.ok(parts);
    const pubsub = await startGrpcProxy(process.env.PUBSUB_EMULATOR_HOST ?? '');
    const messages: string[] = [];
    pubsub.intercept('Publish', async ({ message }, forward) => {
      assert.ok(message.length < PUBSUB_BYTES, `${message.length}`);
      for (const { data } of PublishRequest.decode(message).messages)
        messages.push(Buffer.from(data as Uint8Array).toString());
      return forward();
    });
    const hosts = { PUBSUB_EMULATOR_HOST: pubsub.host };
    const ingest = await startFunction('ingest', { ...parts.environment, ...hosts });
    t.after(async () => {
      await ingest.kill();
      pubsub.close();
    });
    const emitter = createEmitter('largest');
    const lines = linesFor(emitter);
    const bytes = Buffer.byteLength(lines.join('\n'));
    assert.ok(bytes <= WIRE_LIMITS.inflatedBytes, `${bytes}`);
    assert.equal((await post(ingest.url, emitter, lines)).status, 202);
    t.diagnostic(`${bytes} bytes in ${messages.length} messages`);
    const publicKey = createPublicKey(parts.ingestKey);
    const signers = new Map([[signerIdOf(publicKey), publicKey]]);
    const published = messages.flatMap((message) =>
      openBatch(message, signers).envelopes.map(({ canonical }) => canonical),
    );
    // A publish that a slow machine does not answer in time is sent again: at least once is what Pub/Sub promises.
    assert.deepEqual(
      [...new Set(published)].toSorted(),
      lines.map((line) => parseEnvelope(line).canonical).toSorted(),
    );
    assert.deepEqual(ingest.complaints, []);
  });
