import assert from 'node:assert/strict';
import { generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { after, mock, test } from 'node:test';
import { type HttpFunction, http } from '@google-cloud/functions-framework';
import { getTestServer } from '@google-cloud/functions-framework/testing';
import { PubSub } from '@google-cloud/pubsub';
import { signerIdOf } from '@vantio/schema';
import { rawPublicKey } from '@vantio/schema/session-signature';
import { batchClaims, openBatch } from '@vantio/schema/wire/sealed-batch';
import { updateRevocationList } from '../door/update-revocation-list.ts';
import { createCloudConfig } from './create-config.ts';
import { createCloudIngest } from './create-ingest.ts';
import { openSubscriber } from './dlq/open-subscriber.ts';
import { startSecretManager } from './mirror/secret-manager.ts';
import { createLedger, skip } from './testing/emulated.ts';
import { createEmitter, type Emitter, linesOf } from './testing/records.ts';

const SECRETS = 'projects/vantio-local/secrets';
const REVOCATIONS = `${SECRETS}/revocations`;
const secrets = await startSecretManager();
const redisUrl = process.env.REDIS_URL;
const ledger = skip === false ? await createLedger() : undefined;
// The clock of what is aged here, before anything asks for it; timers are the machine's.
mock.timers.enable({ apis: ['Date'], now: Date.now() });
after(() => {
  secrets.close();
  // The clients that the functions opened live as long as an instance does.
  setTimeout(() => process.exit(), 500).unref();
});

const keyPair = () => generateKeyPairSync('ed25519');
const pemOf = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' }).toString();
const [one, two, stranger] = [keyPair(), keyPair(), keyPair()];

/** A function by its real set-up, with the environment that it is deployed with. */
async function serve(
  create: () => Promise<HttpFunction>,
  environment: Readonly<Record<string, string | undefined>> = {},
) {
  const { REDIS_URL, ...others } = environment;
  Object.assign(process.env, {
    VANTIO_SECRET_MANAGER_HOST: secrets.host,
    VANTIO_KEY_SIGNERS: [one, two].map(({ publicKey }) => rawPublicKey(publicKey)).join(','),
    VANTIO_REVOCATIONS_SECRET: REVOCATIONS,
    VANTIO_SPANNER_DATABASE: ledger?.path,
    VANTIO_LEDGER_TOPIC: 'projects/vantio-local/topics/nowhere',
    VANTIO_INGEST_KEY_SECRET: 'projects/vantio-local/secrets/nothing',
    VANTIO_CONTROL_KEY_SECRET: 'projects/vantio-local/secrets/nothing',
    ...others,
  });
  delete process.env.REDIS_URL;
  if (REDIS_URL !== undefined) process.env.REDIS_URL = REDIS_URL;
  const name = `f${randomBytes(6).toString('hex')}`;
  http(name, await create());
  if (redisUrl !== undefined) process.env.REDIS_URL = redisUrl;
  const server = getTestServer(name).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
    /** @returns the status, and of a refusal its code. */
    ask: async ({ apiKey }: Pick<Emitter, 'apiKey'>): Promise<string> => {
      const headers = { authorization: `Bearer ${apiKey}` };
      const response = await fetch(`${url}/api/v1/config`, { headers });
      const { type = '' } = (await response.json()) as { readonly type?: string };
      return [response.status, type.replace('urn:vantio:problem:', '')].join(' ').trim();
    },
  };
}

const list = (signer: KeyObject, add: readonly string[] = []) =>
  updateRevocationList({ keyPem: pemOf(signer), add }).text;

test('keys of every key-maker that is named are let in, others are not, whichever signed the list', {
  skip,
}, async () => {
  for (const { privateKey } of [one, two]) {
    secrets.put(REVOCATIONS, list(privateKey));
    const config = await serve(createCloudConfig);
    const asked = [one, two, stranger].map((maker) =>
      config.ask(createEmitter('acme', 'paid', maker.privateKey)),
    );
    assert.deepEqual(await Promise.all(asked), ['200', '200', '401 unknown_signer']);
    config.close();
  }
  secrets.put(REVOCATIONS, list(stranger.privateKey));
  const config = await serve(createCloudConfig);
  assert.equal(
    await config.ask(createEmitter('acme', 'paid', one.privateKey)),
    '503 revocations_unreadable',
  );
  config.close();
});

test('a key-maker that is taken out takes its keys with it', { skip }, async () => {
  secrets.put(REVOCATIONS, list(two.privateKey));
  const config = await serve(createCloudConfig, {
    VANTIO_KEY_SIGNERS: rawPublicKey(two.publicKey),
  });
  const asked = [one, two].map((maker) =>
    config.ask(createEmitter('acme', 'paid', maker.privateKey)),
  );
  assert.deepEqual(await Promise.all(asked), ['401 unknown_signer', '200']);
  config.close();
});

test('a key on a new version of the list is out within sixty seconds, without a restart', {
  skip,
}, async () => {
  const [revoked, other] = [one, two].map(({ privateKey }) =>
    createEmitter('acme', 'paid', privateKey),
  ) as [Emitter, Emitter];
  const first = list(one.privateKey);
  secrets.put(REVOCATIONS, first);
  const config = await serve(createCloudConfig);
  assert.deepEqual([await config.ask(revoked), await config.ask(other)], ['200', '200']);
  const keyPem = pemOf(two.privateKey);
  const trusted = [rawPublicKey(one.publicKey)];
  const next = updateRevocationList({ keyPem, known: first, trusted, add: [revoked.keyId] });
  secrets.put(REVOCATIONS, next.text);
  mock.timers.tick(60_000);
  assert.deepEqual(
    [await config.ask(revoked), await config.ask(other)],
    ['401 revoked_key', '200'],
  );
  // What went back to an older version is not believed.
  secrets.put(REVOCATIONS, first);
  mock.timers.tick(60_000);
  assert.equal(await config.ask(other), '503 revocations_unreadable');
  config.close();
});

test('while Redis is away an instance keeps to the limits by itself, and its log says so', {
  skip,
}, async (t) => {
  secrets.put(REVOCATIONS, list(one.privateKey));
  const said: string[] = [];
  const { write } = process.stdout;
  t.mock.method(process.stdout, 'write', (text: unknown, ...rest: never[]) => {
    if (!String(text).startsWith('{"')) return write.call(process.stdout, text as string, ...rest);
    said.push(String(text));
    return true;
  });
  const config = await serve(createCloudConfig, { REDIS_URL: 'redis://127.0.0.1:1' });
  const emitter = createEmitter('acme', 'paid', one.privateKey);
  const answers = [];
  for (let request = 0; request < 101; request++) answers.push(await config.ask(emitter));
  assert.deepEqual(answers, [...Array(100).fill('200'), '429 rate_limited']);
  const away = said
    .map((line) => JSON.parse(line))
    .filter(({ message }) => message === 'redis_away');
  assert.ok(away.length >= 101);
  for (const { severity } of away) assert.equal(severity, 'WARNING');
  config.close();
});

test('a new version of ingest’s signing key is in use within a minute, without a restart', {
  skip,
}, async () => {
  const pubsub = new PubSub({ projectId: 'vantio-local' });
  const id = randomBytes(6).toString('hex');
  const [topic] = await pubsub.createTopic(`rotation-${id}`);
  const [subscription] = await topic.createSubscription(`rotation-${id}`);
  const subscriber = await openSubscriber(subscription.name);
  const next = async (): Promise<string> => {
    const [message] = await subscriber.pull(1, 30_000);
    assert.ok(message);
    await subscriber.acknowledge([message.ackId]);
    return message.data.toString();
  };
  const [old, fresh] = [keyPair(), keyPair()];
  secrets.put(REVOCATIONS, list(one.privateKey));
  secrets.put(`${SECRETS}/ingest-key`, pemOf(old.privateKey));
  const ingest = await serve(createCloudIngest, {
    VANTIO_INGEST_KEY_SECRET: `${SECRETS}/ingest-key`,
    VANTIO_CONTROL_KEY_SECRET: `${SECRETS}/control-key`,
    VANTIO_LEDGER_TOPIC: topic.name,
  });
  const emitter = createEmitter('acme', 'paid', one.privateKey);
  const body = linesOf(emitter, 1).join('\n');
  const send = async (): Promise<string> => {
    const response = await fetch(`${ingest.url}/api/v1/ingest`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${emitter.apiKey}`,
        'content-type': 'application/x-ndjson',
      },
      body,
    });
    assert.equal(response.status, 202);
    return next();
  };
  const first = await send();
  secrets.put(`${SECRETS}/ingest-key`, pemOf(fresh.privateKey));
  mock.timers.tick(60_000);
  const second = await send();
  const signers = [old, fresh].map(({ publicKey }) => signerIdOf(publicKey));
  assert.deepEqual(
    [first, second].map((data) => batchClaims(data)?.signer_id),
    signers,
  );
  // A writer that trusts both takes what is on its way, and what comes.
  const both = new Map([old, fresh].map(({ publicKey }) => [signerIdOf(publicKey), publicKey]));
  for (const data of [first, second]) assert.equal(openBatch(data, both).envelopes.length, 1);
  ingest.close();
  await subscriber.close();
  await pubsub.close();
});
