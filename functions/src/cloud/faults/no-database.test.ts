import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { after, test } from 'node:test';
import { FREE_EVENTS_PER_MONTH } from '@vantio/schema/wire/limits';
import { connectRedis } from '../redis/connect.ts';
import { skip } from '../testing/emulated.ts';
import { createEmitter, linesOf } from '../testing/records.ts';
import { createCloudParts, messageOf } from './cloud-parts.ts';
import { type FunctionName, startFunction } from './function-process.ts';
import { post } from './post.ts';
import { push } from './push.ts';

/** Tells on standard error when a process asks for the database's client library. */
const TELLTALE = `--import=data:text/javascript,${encodeURIComponent(`
  import { registerHooks } from 'node:module';
  registerHooks({
    resolve: (specifier, context, next) => {
      if (specifier === '@google-cloud/spanner') process.stderr.write('asked for the client library');
      return next(specifier, context);
    },
  });`)}`;

const setup = skip ? undefined : await start();
after(() => setup?.close());

async function start() {
  const parts = await createCloudParts();
  const redis = await connectRedis(process.env.REDIS_URL ?? '', () => {});
  // Refuses at once whoever connects, and counts.
  let connections = 0;
  const spanner = createServer((socket) => {
    connections++;
    socket.destroy();
  }).listen(0, '127.0.0.1');
  await once(spanner, 'listening');
  const { port } = spanner.address() as AddressInfo;
  const startOne = (name: FunctionName) =>
    startFunction(name, { ...parts.environment, SPANNER_EMULATOR_HOST: `127.0.0.1:${port}` }, [
      TELLTALE,
    ]);
  const [ingest, config] = await Promise.all([startOne('ingest'), startOne('config')]);
  const close = async (): Promise<void> => {
    await Promise.all([ingest.kill(), config.kill(), redis.close()]);
    spanner.close();
    await parts.close();
  };
  return { parts, redis, ingest, config, startOne, connections: () => connections, close };
}

function ready() {
  assert.ok(setup);
  return setup;
}

test('with a Spanner that refuses connections ingest answers everything and never tries it, and config says that it cannot tell the policy', {
  skip,
}, async () => {
  const { ingest, config, redis, connections } = ready();
  const emitter = createEmitter('nodb');
  const lines = linesOf(emitter, 4);
  const answers: (readonly [number, string | undefined])[] = [];
  const send = async (
    ...request: Parameters<typeof post> extends [string, ...infer R] ? R : never
  ) => {
    const { status, problem } = await post(ingest.url, ...request);
    answers.push([status, problem]);
  };
  await send(createEmitter('nodb', 'paid', generateKeyPairSync('ed25519').privateKey), lines);
  await send(emitter, ['x'.repeat(20 * 1024 * 1024 + 1)]);
  await send(emitter, lines, { 'content-encoding': 'identity' });
  await send(emitter, lines, { 'content-type': 'text/plain' });
  await send(emitter, ['{}']);
  await send(createEmitter('other'), lines);
  await send(emitter, lines);

  const spent = createEmitter(`n${process.pid}`, 'free');
  const month = new Date().toISOString().slice(0, 7);
  const count = `vantio:events:{${spent.tenantId}}:${month}`;
  await redis.send(['SET', count, String(FREE_EVENTS_PER_MONTH)]);
  await send(spent, linesOf(spent, 2));

  const eager = createEmitter('eager');
  const [line = ''] = linesOf(eager, 1);
  await Promise.all(Array.from({ length: 100 }, () => post(ingest.url, eager, [line])));
  await send(eager, [line]);

  assert.deepEqual(answers, [
    [401, 'unknown_signer'],
    [413, 'body_too_large'],
    [415, 'unsupported_encoding'],
    [415, 'unsupported_media_type'],
    [422, 'invalid_record'],
    [422, 'wrong_tenant'],
    [202, undefined],
    [429, 'quota_exceeded'],
    [429, 'rate_limited'],
  ]);
  assert.equal((await fetch(`${config.url}/api/v1/config`)).status, 401);
  assert.equal((await fetch(`${config.url}/api/v1/openapi.json`)).status, 200);
  assert.equal((await fetch(`${config.url}/healthz`)).status, 200);
  assert.deepEqual([...ingest.complaints, ...config.complaints], []);
  assert.equal(connections(), 0);
  // Unknown is not none: whoever has a policy keeps it.
  const authorization = `Bearer ${emitter.apiKey}`;
  const own = await fetch(`${config.url}/api/v1/config`, { headers: { authorization } });
  assert.equal(own.status, 503);
  assert.ok(connections() > 0);
});

test('the writer beside them does try it, and is seen to', { skip }, async () => {
  const { parts, startOne, connections, config } = ready();
  // It tries again what it was asked above.
  await config.kill();
  const writer = await startOne('writer');
  const before = connections();
  try {
    const emitter = createEmitter('nodb');
    void push(parts, writer.url, messageOf(emitter, linesOf(emitter, 1), parts.ingestKey));
    while (connections() === before) await new Promise((resolve) => setTimeout(resolve, 20));
    assert.match(writer.complaints.join(''), /asked for the client library/);
  } finally {
    await writer.kill();
  }
});
