import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { wrapPolicy } from '@vantio/schema/policy/signed-policy';
import { rawPublicKey } from '@vantio/schema/session-signature';
import { openCheckpoint } from '@vantio/schema/tlog/checkpoint';
import { rawPublicKey as logRawPublicKey } from '@vantio/schema/tlog/note-keys';
import { signRevocationList } from '../../door/revocation-list.ts';
import { startPushSigner } from '../mirror/push-signer.ts';
import { startSecretManager } from '../mirror/secret-manager.ts';
import { insertPolicy } from '../policies/policy-table.ts';
import { connectRedis } from '../redis/connect.ts';
import { createLedger, skip } from '../testing/emulated.ts';
import { installBundles, makeBundles } from '../testing/installed-bundles.ts';
import { createEmitter, keymaker, linesOf } from '../testing/records.ts';
import { createSealing, createTenant, LOG_NAME } from '../testing/sealing.ts';
import { missingStorageServer, startStorageServer } from '../testing/storage-server.ts';
import { createTopics } from '../testing/topics.ts';

const SECRETS = 'projects/vantio-local/secrets';
const PUSH = { audience: 'https://writer.local', account: 'push@vantio-local' };
const bundles = installBundles();
const secrets = await startSecretManager();
const signer = await startPushSigner();
const ingestKey = generateKeyPairSync('ed25519');
secrets.put(
  `${SECRETS}/revocations`,
  signRevocationList(
    { at: '2026-01-01T00:00:00.000000Z', key_ids: [], v: 1, version: 1 },
    keymaker.privateKey,
  ),
);
secrets.put(
  `${SECRETS}/ingest-key`,
  ingestKey.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
);
secrets.put(`${SECRETS}/control-key`, createEmitter('vantio', 'control').apiKey);
after(() => {
  secrets.close();
  signer.close();
  bundles.remove();
});

const DOOR = {
  VANTIO_SECRET_MANAGER_HOST: secrets.host,
  VANTIO_KEY_SIGNERS: rawPublicKey(keymaker.publicKey),
  VANTIO_REVOCATIONS_SECRET: `${SECRETS}/revocations`,
};
const toLedger = (topic: string) => ({
  VANTIO_INGEST_KEY_SECRET: `${SECRETS}/ingest-key`,
  VANTIO_CONTROL_KEY_SECRET: `${SECRETS}/control-key`,
  VANTIO_LEDGER_TOPIC: topic,
});
const ingestSettings = (topic: string) => ({ ...DOOR, ...toLedger(topic) });
const emulators = (): Record<string, string> =>
  Object.fromEntries(
    Object.entries(process.env).filter(([name]) => /^(SPANNER|PUBSUB|GOOGLE)_/.test(name)),
  ) as Record<string, string>;
const writerSettings = (database: string, deadLetter: string) => ({
  VANTIO_SPANNER_DATABASE: database,
  VANTIO_DATABASE_ROLE: 'ledger_writer',
  VANTIO_INGEST_SIGNERS: rawPublicKey(ingestKey.publicKey),
  VANTIO_PUSH_AUDIENCE: PUSH.audience,
  VANTIO_PUSH_ACCOUNT: PUSH.account,
  VANTIO_PUSH_CERTIFICATES_URL: signer.certificatesUrl,
  VANTIO_DEAD_LETTER_TOPIC: deadLetter,
});

test('same sources, same bytes, and none of them names this machine', () => {
  const other = mkdtempSync(join(tmpdir(), 'vantio-bundles-again-'));
  try {
    console.log(makeBundles(join(other, 'bundles')));
    const [once, again] = [contentOf(bundles.folder), contentOf(join(other, 'bundles'))];
    assert.ok(once.size > 10);
    assert.deepEqual([...once.keys()], [...again.keys()]);
    const repository = process.cwd();
    for (const [file, bytes] of once) {
      assert.ok(again.get(file)?.equals(bytes), file);
      assert.ok(!bytes.includes(repository), file);
    }
  } finally {
    rmSync(other, { recursive: true });
  }
});

test('a bundle holds its function and the framework’s locked version, and no other’s client', () => {
  for (const name of ['config', 'ingest', 'writer', 'sealer', 'keymaker', 'quota', 'log']) {
    const manifest = JSON.parse(
      readFileSync(join(bundles.folder, name, 'package.json'), 'utf8'),
    ) as Record<string, unknown>;
    assert.equal(manifest.name, `vantio-${name}`);
    assert.equal(manifest.main, 'index.js');
    assert.equal(manifest.type, 'module');
    assert.deepEqual(Object.keys(manifest.dependencies as object), [
      '@google-cloud/functions-framework',
    ]);
    assert.match(Object.values(manifest.dependencies as object)[0], /^\d+\.\d+\.\d+$/);
  }
  const spanner = 'google.spanner.v1';
  const holds = (name: string): boolean =>
    [...contentOf(join(bundles.folder, name)).values()].some((bytes) => bytes.includes(spanner));
  assert.ok(holds('writer'));
  assert.ok(!holds('ingest'));
});

test('config, alone, answers, refuses, and leases what it records', { skip }, async () => {
  const { path, database } = await createLedger();
  const topics = await createTopics();
  const settings = {
    ...emulators(),
    ...ingestSettings(topics.ledger.name),
    VANTIO_SPANNER_DATABASE: path,
  };
  const caps = [{ id: 'daily', window: 'day', scope: 'key', limit_microusd: 1000 }];
  await insertPolicy(database, wrapPolicy({ v: 1, version: 1, spend: { caps } }, 'acme'));
  const { url, log, stop } = await bundles.serve('config', settings);
  try {
    assert.equal((await fetch(`${url}/healthz`)).status, 200, log());
    await assertProblem(await fetch(`${url}/api/v1/config`), 401, log());
    const authorization = `Bearer ${createEmitter('acme').apiKey}`;
    const answer = await fetch(`${url}/api/v1/config`, { headers: { authorization } });
    assert.equal(answer.status, 200, log());
    assert.equal(((await answer.json()) as { tenant_id: string }).tenant_id, 'acme');
    const amounts = { need_microusd: 1, want_microusd: 1 };
    const asks = [{ rule_id: 'daily', lease_id: '1'.repeat(32), ...amounts }];
    const leased = await fetch(`${url}/api/v1/spend/leases`, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json' },
      body: JSON.stringify({ v: 1, asks }),
    });
    assert.equal(leased.status, 200, log());
    assert.match(await leased.text(), /"status":"granted"/);
    // Pub/Sub has its record, for it waits no more.
    const [waiting] = await database.run('SELECT SessionId FROM LeaseRecords');
    assert.equal(waiting.length, 0, log());
  } finally {
    stop();
    await topics.close();
    await database.close();
  }
});

test('ingest, alone, refuses who has no key', async () => {
  const { url, log, stop } = await bundles.serve(
    'ingest',
    ingestSettings('projects/vantio-local/topics/ledger'),
  );
  try {
    const headers = { 'content-type': 'application/x-ndjson' };
    const answer = await fetch(`${url}/api/v1/ingest`, { method: 'POST', body: '{}', headers });
    await assertProblem(answer, 401, log());
  } finally {
    stop();
  }
});

test('keymaker, alone, makes a key that config lets in, and revokes it', { skip }, async () => {
  const { path: ledger, database } = await createLedger();
  secrets.put(
    `${SECRETS}/keymaker`,
    keymaker.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  );
  const list = `${SECRETS}/list-of-keymaker`;
  const settings = { ...DOOR, VANTIO_REVOCATIONS_SECRET: list };
  const made = await bundles.serve('keymaker', {
    ...settings,
    VANTIO_KEYMAKER_SECRET: `${SECRETS}/keymaker`,
    VANTIO_OPERATOR_TENANT: 'vantio',
  });
  const post = async (path: string, body: object): Promise<Record<string, string>> => {
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(`${made.url}${path}`, {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
    });
    assert.ok(response.ok, made.log());
    return (await response.json()) as Record<string, string>;
  };
  const ask = async (apiKey = ''): Promise<number> => {
    // A new instance each time: how soon a running one knows is tested where its clock can be set.
    const config = await bundles.serve('config', {
      ...emulators(),
      ...settings,
      ...toLedger('projects/vantio-local/topics/ledger'),
      VANTIO_SPANNER_DATABASE: ledger,
    });
    try {
      const headers = { authorization: `Bearer ${apiKey}` };
      return (await fetch(`${config.url}/api/v1/config`, { headers })).status;
    } finally {
      config.stop();
    }
  };
  try {
    const { api_key, key_id } = await post('/keys', { tenant_id: 'acme', plan: 'paid' });
    assert.equal(await ask(api_key), 503, 'without a first list nobody is let in');
    await post('/revocations', { key_ids: [] });
    assert.equal(await ask(api_key), 200);
    await post('/revocations', { key_ids: [key_id] });
    assert.equal(await ask(api_key), 401);
    assert.ok(!made.log().includes(api_key ?? ''));
  } finally {
    made.stop();
    await database.close();
  }
});

test('sealer finds a tenant, has Pub/Sub bring it back, and seals it; log serves it', {
  skip: skip || missingStorageServer(),
}, async (t) => {
  const sealing = await createSealing(await startStorageServer(t));
  const { tenantId, store } = createTenant(sealing);
  await store(300);
  const pem = sealing.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  secrets.put(`${SECRETS}/log-key`, pem);
  const topics = await createTopics();
  const shared = {
    ...emulators(),
    VANTIO_STORAGE_HOST: process.env.VANTIO_STORAGE_HOST ?? '',
    VANTIO_SPANNER_DATABASE: sealing.path,
    VANTIO_LOG_NAME: LOG_NAME,
    VANTIO_LOG_PUBLIC_KEY: Buffer.from(logRawPublicKey(sealing.privateKey)).toString('hex'),
    VANTIO_TILES_BUCKET: sealing.buckets.settled,
    VANTIO_MOVING_TILES_BUCKET: sealing.buckets.moving,
  };
  const sealer = await bundles.serve('sealer', {
    ...shared,
    VANTIO_SECRET_MANAGER_HOST: secrets.host,
    VANTIO_LOG_KEY: `${SECRETS}/log-key`,
    VANTIO_SEAL_TOPIC: topics.ledger.name,
  });
  const served = await bundles.serve('log', { ...shared, ...DOOR });
  try {
    await topics.pushTo(sealer.url);
    const ask = (sweep: string) =>
      fetch(sealer.url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ sweep }),
      });
    const found = await ask('newest');
    assert.equal(found.status, 200, sealer.log());
    assert.deepEqual(await found.json(), { tenants: 1 });
    const { apiKey } = createEmitter(tenantId);
    const read = () =>
      fetch(`${served.url}/api/v1/checkpoint`, { headers: { authorization: `Bearer ${apiKey}` } });
    for (let waited = 0; (await read()).status === 404; waited += 100) {
      assert.ok(waited < 30_000, sealer.log());
      await sleep(100);
    }
    const answer = await read();
    assert.equal(answer.status, 200, served.log());
    const { verifier } = sealing.identity(tenantId);
    assert.equal(openCheckpoint(await answer.text(), verifier).size, 300);
    assert.match(sealer.log(), /"message":"sealed","sealed":1,"added":300,"copied":0,"failed":0/);
    assert.deepEqual(await (await ask('newest')).json(), { tenants: 0 });
  } finally {
    sealer.stop();
    served.stop();
    await topics.close();
    await sealing.database.close();
  }
});

test('quota, alone, sets a count right, and has no answer without Redis', { skip }, async () => {
  const { path, database } = await createLedger();
  const settings = {
    ...emulators(),
    VANTIO_SPANNER_DATABASE: path,
    VANTIO_DATABASE_ROLE: 'quota_reader',
  };
  // A database of Redis of its own: every tenant that is counted there would be held against this ledger.
  const url = `${process.env.REDIS_URL}/6`;
  const redis = await connectRedis(url, () => {});
  await redis.send(['FLUSHDB']);
  const key = `vantio:events:{acme}:${new Date().toISOString().slice(0, 7)}`;
  await redis.send(['SET', key, '12']);
  const ask = async (redisUrl: string) => {
    const quota = await bundles.serve('quota', { ...settings, REDIS_URL: redisUrl });
    try {
      const answer = await fetch(quota.url, { method: 'POST' });
      return [answer.status, answer.ok ? await answer.json() : undefined, quota.log()] as const;
    } finally {
      quota.stop();
    }
  };
  try {
    const [status, done, log] = await ask(url);
    assert.equal(status, 200, log);
    assert.deepEqual(done, { reconciled: 1, corrected: 1, failed: 0, left: 0 });
    assert.match(log, /"quota_corrected","tenant_id":"acme","before":12,"after":0/);
    assert.equal(await redis.send(['GET', key]), '0');
    assert.equal((await ask('redis://127.0.0.1:1'))[0], 503);
  } finally {
    await redis.close();
    await database.close();
  }
});

test('from the bundle of ingest through Pub/Sub to the bundle of writer into Spanner', {
  skip,
}, async () => {
  const { path, database } = await createLedger();
  const topics = await createTopics();
  const ingest = await bundles.serve('ingest', {
    ...emulators(),
    ...ingestSettings(topics.ledger.name),
    REDIS_URL: process.env.REDIS_URL ?? '',
  });
  const writer = await bundles.serve('writer', {
    ...emulators(),
    ...writerSettings(path, topics.deadLetter.name),
  });
  // Pub/Sub's push carries a token in the cloud; its emulator sends none.
  const push = createServer(async (request, response) => {
    const now = Math.floor(Date.now() / 1000);
    const authorization = signer.token({
      iss: 'https://accounts.google.com',
      aud: PUSH.audience,
      email: PUSH.account,
      email_verified: true,
      iat: now - 10,
      exp: now + 3600,
    });
    const answer = await fetch(writer.url, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json' },
      body: await new Response(request as unknown as ReadableStream).text(),
    });
    response.writeHead(answer.status).end();
  }).listen(0, '127.0.0.1');
  await once(push, 'listening');
  try {
    assert.equal((await fetch(writer.url, { method: 'POST' })).status, 401, writer.log());
    await topics.pushTo(`http://127.0.0.1:${(push.address() as AddressInfo).port}`);
    const emitter = createEmitter('bundled');
    const answer = await fetch(`${ingest.url}/api/v1/ingest`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${emitter.apiKey}`,
        'content-type': 'application/x-ndjson',
      },
      body: linesOf(emitter, 5).join('\n'),
    });
    assert.equal(answer.status, 202, ingest.log());
    for (let waited = 0; ; waited += 100) {
      const [rows] = await database.run({
        sql: "SELECT COUNT(*) AS Total FROM TrueTimeLedger WHERE TenantId = 'bundled'",
        json: true,
      });
      if ((rows[0] as unknown as { Total: number }).Total === 5) break;
      assert.ok(waited < 30_000, writer.log());
      await sleep(100);
    }
  } finally {
    ingest.stop();
    writer.stop();
    push.closeAllConnections();
    push.close();
    await topics.close();
    await database.close();
  }
});

async function assertProblem(response: Response, status: number, log: string): Promise<void> {
  assert.equal(response.status, status, log);
  assert.match(response.headers.get('content-type') ?? '', /^application\/problem\+json/);
  assert.equal(((await response.json()) as { status: number }).status, status);
}

/** Files of a folder by their path, sorted. */
function contentOf(folder: string): ReadonlyMap<string, Buffer> {
  return new Map(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .sort()
      .map((file) => [file.slice(folder.length + 1), readFileSync(file)]),
  );
}
