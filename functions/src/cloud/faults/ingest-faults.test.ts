import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectRedis } from '../redis/connect.ts';
import { GRPC } from '../spanner/grpc-status.ts';
import { skip } from '../testing/emulated.ts';
import { createEmitter, linesOf } from '../testing/records.ts';
import { createCloudParts, SECRET } from './cloud-parts.ts';
import { type Environment, startFunction } from './function-process.ts';
import { startGrpcProxy } from './grpc-proxy.ts';
import { post } from './post.ts';
import { startSeveredPort } from './severed-port.ts';

const setup = skip ? undefined : await start();
after(() => setup?.close());

async function start() {
  const parts = await createCloudParts();
  const redis = await connectRedis(process.env.REDIS_URL ?? '', () => {});
  const close = async (): Promise<void> => {
    await redis.close();
    await parts.close();
  };
  return { parts, redis, close };
}

function ready() {
  assert.ok(setup);
  return setup;
}

const startIngest = (environment: Environment = {}) =>
  startFunction('ingest', { ...ready().parts.environment, ...environment });

test('Redis goes in the middle and comes back: every request is answered as if it were there, and the log says so', {
  skip,
}, async () => {
  const redis = await startSeveredPort(Number(new URL(process.env.REDIS_URL ?? '').port));
  const ingest = await startIngest({ REDIS_URL: `redis://127.0.0.1:${redis.port}` });
  try {
    const emitter = createEmitter('redis', 'free');
    const lines = linesOf(emitter, 12);
    const statuses: number[] = [];
    const send = async (line: number): Promise<void> => {
      statuses.push((await post(ingest.url, emitter, lines.slice(line, line + 1))).status);
    };
    await send(0);
    redis.cut();
    for (let line = 1; line < 6; line++) await send(line);
    assert.ok(ingest.logged.some(({ message }) => message === 'redis_away'));
    await redis.restore();
    for (let line = 6; line < 12; line++) await send(line);
    assert.deepEqual(statuses, Array(12).fill(202));
    assert.deepEqual(ingest.complaints, []);
  } finally {
    await ingest.kill();
    redis.close();
  }
});

test('a Redis that is not there when the function starts: it starts, and counts there when it comes', {
  skip,
}, async () => {
  const { redis: shared } = ready();
  const redis = await startSeveredPort(Number(new URL(process.env.REDIS_URL ?? '').port));
  redis.cut();
  const ingest = await startIngest({ REDIS_URL: `redis://127.0.0.1:${redis.port}` });
  try {
    const emitter = createEmitter('noredis', 'free');
    const send = async (line: string): Promise<void> =>
      assert.equal((await post(ingest.url, emitter, [line])).status, 202);
    const [first = '', ...others] = linesOf(emitter, 60);
    await send(first);
    await redis.restore();
    const key = `vantio:rate:${emitter.keyId}`;
    for (const line of others) {
      await send(line);
      if ((await shared.send(['EXISTS', key])) === 1) break;
      await sleep(100);
    }
    assert.equal(await shared.send(['EXISTS', key]), 1);
    assert.deepEqual(ingest.complaints, []);
  } finally {
    await ingest.kill();
    redis.close();
  }
});

test('Pub/Sub refuses: 503 with Retry-After and no acknowledgement; the same bytes later are counted once', {
  skip,
}, async () => {
  const { redis } = ready();
  const month = new Date().toISOString().slice(0, 7);
  const refusals = [GRPC.unavailable, GRPC.resourceExhausted, GRPC.permissionDenied];
  await Promise.all(
    refusals.map(async (status) => {
      const pubsub = await startGrpcProxy(process.env.PUBSUB_EMULATOR_HOST ?? '');
      const ingest = await startIngest({ PUBSUB_EMULATOR_HOST: pubsub.host });
      try {
        let published = 0;
        pubsub.intercept('Publish', async () => ({ status }));
        const emitter = createEmitter(`p${status}-${process.pid}`, 'free');
        const lines = linesOf(emitter, 7);
        const refused = await post(ingest.url, emitter, lines);
        assert.deepEqual([refused.status, refused.problem], [503, 'store_unavailable']);
        assert.ok(refused.retryAfter !== undefined && refused.retryAfter > 0);
        assert.equal(refused.body.events, undefined);
        pubsub.intercept('Publish', async (_call, forward) => {
          published++;
          return forward();
        });
        assert.equal((await post(ingest.url, emitter, lines)).status, 202);
        assert.equal(published, 1);
        // Seven records, of which the session's start is not counted.
        const key = `vantio:events:{${emitter.tenantId}}:${month}`;
        assert.equal(await redis.send(['GET', key]), '6');
        assert.deepEqual(ingest.complaints, []);
      } finally {
        await ingest.kill();
        pubsub.close();
      }
    }),
  );
});

test('a publish whose answer is lost is acknowledged when it was sent again', {
  skip,
}, async () => {
  const pubsub = await startGrpcProxy(process.env.PUBSUB_EMULATOR_HOST ?? '');
  const ingest = await startIngest({ PUBSUB_EMULATOR_HOST: pubsub.host });
  try {
    let published = 0;
    pubsub.intercept('Publish', async (_call, forward) => {
      const answer = await forward();
      return published++ === 0 ? { status: GRPC.unavailable } : answer;
    });
    const emitter = createEmitter('lostpublish');
    assert.equal((await post(ingest.url, emitter, linesOf(emitter, 3))).status, 202);
    assert.equal(published, 2);
  } finally {
    await ingest.kill();
    pubsub.close();
  }
});

test('Secret Manager slow: requests wait for it; slower than its deadline, or without the secret: 503, until it is well', {
  skip,
}, async () => {
  const { secrets, ingestPem: pem } = ready().parts;
  const emitter = createEmitter('secrets');
  const [one = '', two = '', three = '', four = ''] = linesOf(emitter, 4);
  const revocations = await startIngest();
  const key = await startIngest();
  try {
    secrets.slowBy(6000);
    const slow = await post(revocations.url, emitter, [one]);
    assert.deepEqual([slow.status, slow.problem], [503, 'revocations_unreadable']);
    assert.ok(slow.retryAfter);
    secrets.slowBy(700);
    assert.equal((await post(revocations.url, emitter, [two])).status, 202);
    secrets.put(SECRET.ingest, undefined);
    const keyless = await post(key.url, emitter, [three]);
    assert.deepEqual([keyless.status, keyless.problem], [503, 'store_unavailable']);
    assert.ok(keyless.retryAfter);
    // The other process has the key in memory.
    assert.equal((await post(revocations.url, emitter, [four])).status, 202);
    secrets.put(SECRET.ingest, pem);
    assert.equal((await post(key.url, emitter, [three])).status, 202);
    assert.deepEqual([...revocations.complaints, ...key.complaints], []);
  } finally {
    secrets.put(SECRET.ingest, pem);
    secrets.slowBy(0);
    await Promise.all([revocations.kill(), key.kill()]);
  }
});
