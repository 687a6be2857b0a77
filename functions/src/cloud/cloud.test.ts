import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Plan,
  parseEnvelope,
  parseLedgerLine,
  receivedKey,
  traceSignature,
} from '@vantio/schema';
import { judgePolicy } from '@vantio/schema/policy/judge-policy';
import { wrapPolicy } from '@vantio/schema/policy/signed-policy';
import { ledgerDdl } from '@vantio/schema/spanner/ledger-ddl';
import type { ConfigAnswer } from '@vantio/schema/wire/config-answer';
import type { SpendAnswer } from '@vantio/schema/wire/spend-leases';
import { openControlKey, openKeymaker } from '../local/keys/keymaker.ts';
import { type ExportKeyError, type ExportOptions, exportLedger } from './export/export-ledger.ts';
import { startMirror } from './mirror/start-mirror.ts';
import { publishToCloud } from './policies/publish-to-cloud.ts';
import { connectRedis } from './redis/connect.ts';
import { openDatabase } from './spanner/open-database.ts';
import { skip } from './testing/emulated.ts';
import { createEmitter, type Emitter, linesOf } from './testing/records.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const cloud = skip ? undefined : await start();
after(() => cloud?.close());

/** The functions by the entries that are deployed, with the emulators around them. */
async function start() {
  const stateDir = mkdtempSync(join(tmpdir(), 'vantio-cloud-'));
  const keys = openKeymaker(stateDir);
  const keymaker = keys.privateKey;
  const { url, database: path, close } = await startMirror({ stateDir, ddl: ledgerDdl() });
  const redis = await connectRedis(process.env.REDIS_URL ?? '', () => {});
  const database = await openDatabase({ path, role: undefined, concurrency: 1 });
  return {
    url,
    database,
    redis,
    controlKey: openControlKey(stateDir, keys),
    emitterOf: (tenantId: string, plan: Plan = 'paid') => createEmitter(tenantId, plan, keymaker),
    close: async () => {
      close();
      await redis.close();
      await database.close();
      rmSync(stateDir, { recursive: true });
      // The clients that the functions opened live as long as an instance does.
      setTimeout(() => process.exit(), 500).unref();
    },
  };
}

function ready() {
  assert.ok(cloud);
  return cloud;
}

const send = (
  { apiKey }: Pick<Emitter, 'apiKey'>,
  lines: readonly string[],
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> =>
  fetch(`${ready().url}/api/v1/ingest`, {
    method: 'POST',
    body: lines.join('\n'),
    headers: {
      authorization: `Bearer ${apiKey}`,
      'content-type': 'application/x-ndjson',
      ...headers,
    },
  });

const problemOf = async (response: Response): Promise<string> =>
  ((await response.json()) as { type: string }).type.replace('urn:vantio:problem:', '');

async function stored(condition: string): Promise<number> {
  const [rows] = await ready().database.run({
    sql: `SELECT COUNT(*) AS Total FROM TrueTimeLedger WHERE ${condition}`,
    json: true,
  });
  return (rows[0] as unknown as { Total: number }).Total;
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  for (let waited = 0; waited < 30_000; waited += 100) {
    if (await condition()) return;
    await sleep(100);
  }
  assert.fail('it did not come to be');
}

test('a batch goes from HTTP through Pub/Sub to Spanner', { skip }, async () => {
  const emitter = ready().emitterOf('e2e');
  const response = await send(emitter, linesOf(emitter, 20));
  assert.equal(response.status, 202);
  assert.equal(response.headers.get('x-vantio-signature'), traceSignature(emitter.apiKey, TRACE));
  const { events } = (await response.json()) as { events: readonly { status: string }[] };
  assert.deepEqual(new Set(events.map(({ status }) => status)), new Set(['accepted']));
  await until(async () => (await stored("TenantId = 'e2e'")) === 20);
});

test('the door: forged, revoked, coded, malformed; nothing of it is published', {
  skip,
}, async () => {
  const emitter = ready().emitterOf('door');
  const lines = linesOf(emitter, 3);
  const forged = createEmitter('door', 'paid', generateKeyPairSync('ed25519').privateKey);
  assert.equal((await send(forged, lines)).status, 401);
  assert.equal(
    await problemOf(await send(emitter, lines, { 'content-encoding': 'identity' })),
    'unsupported_encoding',
  );
  assert.equal(await problemOf(await send(emitter, [...lines, '{}'])), 'invalid_record');
  assert.equal(await problemOf(await send(ready().emitterOf('other'), lines)), 'wrong_tenant');
  assert.equal((await fetch(`${ready().url}/api/v1/config`)).status, 401);
  const own = await fetch(`${ready().url}/api/v1/config`, {
    headers: { authorization: `Bearer ${emitter.apiKey}` },
  });
  assert.equal(((await own.json()) as { tenant_id: string }).tenant_id, 'door');
  assert.equal((await fetch(`${ready().url}/api/v1/openapi.json`)).status, 200);
});

test('past the monthly quota a batch is refused whole, and the ledger says so', {
  skip,
}, async () => {
  const emitter = ready().emitterOf(`q${process.pid}`, 'free');
  const lines = linesOf(emitter, 30);
  const month = new Date().toISOString().slice(0, 7);
  // What other instances have counted.
  await ready().redis.send(['SET', `vantio:events:{${emitter.tenantId}}:${month}`, '9981']);
  assert.equal((await send(emitter, lines.slice(0, 20))).status, 202);
  // Sent again, as after a lost answer, and not counted again.
  assert.equal((await send(emitter, lines.slice(0, 20))).status, 202);
  const refused = await send(emitter, lines.slice(20));
  assert.equal(refused.status, 429);
  assert.ok(Number(refused.headers.get('retry-after')) > 0);
  await until(
    async () =>
      (await stored(`EventType = 'quota_refused' AND SubjectTenantId = '${emitter.tenantId}'`)) ===
      1,
  );
});

test('the hundred-and-first request of a minute is refused', { skip }, async () => {
  const emitter = ready().emitterOf('rate');
  const [line = ''] = linesOf(emitter, 1);
  const statuses = [];
  for (let request = 0; request < 101; request++)
    statuses.push((await send(emitter, [line])).status);
  assert.deepEqual(statuses, [...Array(100).fill(202), 429]);
  const late = await send(emitter, [line]);
  assert.equal(late.headers.get('ratelimit-remaining'), '0');
});

async function linesFrom(options: ExportOptions): Promise<readonly string[]> {
  const lines: string[] = [];
  for await (const { line } of exportLedger(options)) lines.push(line);
  return lines;
}

test('an export holds one tenant, in commit order, and needs every key that its records are under', {
  skip,
}, async () => {
  const { database, emitterOf } = ready();
  const [one, two] = [emitterOf('exported'), emitterOf('exported')];
  const lines = [...linesOf(one, 4), ...linesOf(two, 3)];
  assert.equal((await send(one, lines.slice(0, 4))).status, 202);
  await until(async () => (await stored("TenantId = 'exported'")) === 4);
  assert.equal((await send(two, lines.slice(4))).status, 202);
  await until(async () => (await stored("TenantId = 'exported'")) === 7);
  const keysOf = (...emitters: readonly Emitter[]) =>
    new Map(emitters.map(({ keyId, apiKey }) => [keyId, receivedKey(apiKey)]));
  const all = { database, tenantId: 'exported', receivedKeys: keysOf(one, two) };
  const exported = await linesFrom(all);
  assert.deepEqual(
    exported.map((line) => parseLedgerLine(line.trimEnd()).canonical),
    lines.map((line) => parseEnvelope(line).canonical),
  );
  await assert.rejects(linesFrom({ ...all, receivedKeys: keysOf(one) }), (error: ExportKeyError) =>
    error.message.includes(two.keyId),
  );
});

test('a policy that was published is served to its tenant and recorded in the ledger', {
  skip,
}, async () => {
  const { url, database, controlKey, emitterOf } = ready();
  const signer = generateKeyPairSync('ed25519');
  const text = wrapPolicy(
    { v: 1, version: 3, mode: 'dry_run', blocked_hosts: ['evil.example'] },
    'policed',
    signer.privateKey,
  );
  await publishToCloud({ database, text, door: { controlKey, ingestUrl: url } });
  const ask = async (tenantId: string): Promise<ConfigAnswer> => {
    const { apiKey } = emitterOf(tenantId);
    const response = await fetch(`${url}/api/v1/config`, {
      headers: { authorization: `Bearer ${apiKey}` },
    });
    assert.equal(response.status, 200);
    return (await response.json()) as ConfigAnswer;
  };
  const { mode, policy } = await ask('policed');
  assert.equal(mode, 'dry_run');
  const judged = judgePolicy(policy ?? '', { trust: [signer.publicKey], tenantId: 'policed' });
  assert.equal(judged.verdict === 'accepted' && judged.trust, 'signed');
  assert.equal((await ask('unpoliced')).mode, 'observe');
  const recorded = async (): Promise<number> => {
    const [rows] = await database.run({
      sql: "SELECT Record FROM TrueTimeLedger WHERE EventType = 'policy_change' AND JSON_VALUE(Record, '$.subject_tenant_id') = 'policed'",
    });
    return rows.length;
  };
  await until(async () => (await recorded()) === 1);
});

test('a cap of a published policy is leased to its tenant, no more of it than there is, and each lease is a record of the ledger', {
  skip,
}, async () => {
  const { url, database, controlKey, emitterOf } = ready();
  const caps = [{ id: 'daily', window: 'day', scope: 'key', limit_microusd: 1000 }];
  const text = wrapPolicy({ v: 1, version: 1, spend: { caps } }, 'spender');
  await publishToCloud({ database, text, door: { controlKey, ingestUrl: url } });
  const { apiKey, keyId } = emitterOf('spender');
  const session_id = 'ab'.repeat(16);
  const lease = async (need: number, method = 'POST'): Promise<Response> =>
    fetch(`${url}/api/v1/spend/leases`, {
      method,
      headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
      ...(method === 'POST'
        ? {
            body: JSON.stringify({
              v: 1,
              session_id,
              asks: [
                {
                  rule_id: 'daily',
                  lease_id: String(need).padStart(32, '0'),
                  need_microusd: need,
                  want_microusd: need,
                },
              ],
            }),
          }
        : {}),
    });
  const statusOf = async (need: number): Promise<string | undefined> =>
    ((await (await lease(need)).json()) as SpendAnswer).leases[0]?.status;
  assert.deepEqual(
    [await statusOf(700), await statusOf(400), await statusOf(300)],
    ['granted', 'used_up', 'granted'],
  );
  // Sent again, as after a lost answer.
  assert.equal(await statusOf(300), 'granted');
  assert.equal((await lease(1, 'GET')).status, 405);
  const recorded = async (): Promise<readonly Record<string, unknown>[]> => {
    const [rows] = await database.run({
      sql: `SELECT Record FROM TrueTimeLedger
        WHERE EventType = 'spend_lease' AND JSON_VALUE(Record, '$.subject_key_id') = '${keyId}'
        ORDER BY JSON_VALUE(Record, '$.occurred_at')`,
      json: true,
    });
    return (rows as unknown as { Record: string }[]).map(({ Record }) => JSON.parse(Record));
  };
  await until(async () => (await recorded()).length === 2);
  assert.deepEqual(
    (await recorded()).map(({ reserved_microusd, subject_session_id, tenant_id }) => [
      reserved_microusd,
      subject_session_id,
      tenant_id,
    ]),
    [
      [700, session_id, 'vantio'],
      [300, session_id, 'vantio'],
    ],
  );
});
