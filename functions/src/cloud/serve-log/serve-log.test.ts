import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import { http } from '@google-cloud/functions-framework';
import { getTestServer } from '@google-cloud/functions-framework/testing';
import { parseLogEntry } from '@vantio/schema/log-entry';
import { openCheckpoint } from '@vantio/schema/tlog/checkpoint';
import { cosign, witnessKeyOf } from '@vantio/schema/tlog/cosignature';
import { parseBundle } from '@vantio/schema/tlog/entry-bundle';
import { decodeBase64 } from '@vantio/schema/tlog/note';
import { formatVerifierKey, rawPublicKey } from '@vantio/schema/tlog/note-keys';
import { TILE_WIDTH, tilePath, tilesBetween } from '@vantio/schema/tlog/tiles';
import { parseTlogProof, verifyTlogProof } from '@vantio/schema/tlog/tlog-proof';
import { equalHashes, leafHash } from '@vantio/schema/tlog/tree-hash';
import { createTreeReader } from '@vantio/schema/tlog/tree-reader';
import { verifyConsistency } from '@vantio/schema/tlog/verify-proof';
import { createCloudLog } from '../create-log.ts';
import { sealTenant } from '../seal/seal-tenant.ts';
import { aroundIngest } from '../testing/around-ingest.ts';
import { skip as noEmulator } from '../testing/emulated.ts';
import { createEmitter } from '../testing/records.ts';
import { createSealing, createTenant, entriesInOrder, LOG_NAME } from '../testing/sealing.ts';
import { missingStorageServer, startStorageServer } from '../testing/storage-server.ts';
import { createCosignatureRows } from './cosignature-rows.ts';

const skip = noEmulator || missingStorageServer();
const witnessKey = generateKeyPairSync('ed25519').privateKey;
const WITNESS = 'witness.example/w1';
const cloud = skip ? undefined : await start();
after(() => cloud?.close());

/** The function as it is deployed, from its settings, over a ledger that is sealed here. */
async function start() {
  const sealing = await createSealing(await startStorageServer({ after }));
  const { environment } = await aroundIngest({ after });
  Object.assign(process.env, environment, {
    REDIS_URL: '',
    VANTIO_SPANNER_DATABASE: sealing.path,
    VANTIO_LOG_NAME: LOG_NAME,
    VANTIO_LOG_PUBLIC_KEY: Buffer.from(rawPublicKey(sealing.privateKey)).toString('hex'),
    VANTIO_TILES_BUCKET: sealing.buckets.settled,
    VANTIO_MOVING_TILES_BUCKET: sealing.buckets.moving,
    VANTIO_WITNESSES: formatVerifierKey({
      name: WITNESS,
      type: 'cosignatureEd25519',
      publicKey: rawPublicKey(witnessKey),
    }),
  });
  http('log-test', await createCloudLog());
  const server = getTestServer('log-test').listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v1`;
  const tenant = () => {
    const made = createTenant(sealing);
    const { apiKey } = createEmitter(made.tenantId);
    const authorization = `Bearer ${apiKey}`;
    return {
      ...made,
      verifier: sealing.identity(made.tenantId).verifier,
      get: (path: string) => fetch(`${url}/${path}`, { headers: { authorization } }),
      post: (body: string) =>
        fetch(`${url}/cosignatures`, {
          method: 'POST',
          headers: { authorization, 'content-type': 'text/plain' },
          body,
        }),
      eventIds: async () =>
        (await entriesInOrder(sealing.database, made.tenantId)).map(
          (entry) => parseLogEntry(entry.toString()).record.event_id,
        ),
    };
  };
  return {
    sealing,
    tenant,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await sealing.database.close();
      // The client that the function opened lives as long as an instance does.
      setTimeout(() => process.exit(), 500).unref();
    },
  };
}

function ready() {
  assert.ok(cloud);
  return cloud;
}

const bytesOf = async (asked: Promise<Response>): Promise<Buffer> => {
  const answer = await asked;
  assert.equal(answer.status, 200, answer.url);
  return Buffer.from(await answer.arrayBuffer());
};

test('a tenant reads the whole of its own log, bundles too, and finds in it what it sent', {
  skip,
}, async () => {
  const { sealing, tenant } = ready();
  const { tenantId, store, get, verifier, eventIds } = tenant();
  assert.equal((await get('checkpoint')).status, 404);
  await store(200);
  await sealTenant(sealing.parts, tenantId, 'newest');
  const first = openCheckpoint(String(await bytesOf(get('checkpoint'))), verifier);
  await store(70);
  await sealTenant(sealing.parts, tenantId, 'newest');
  const answer = await get('checkpoint');
  assert.equal(answer.headers.get('cache-control'), 'private, no-cache');
  const newest = openCheckpoint(await answer.text(), verifier);
  assert.deepEqual([first.size, newest.size], [200, 270]);
  assert.equal(newest.origin, `${LOG_NAME}/${tenantId}`);

  const entries: Uint8Array[] = [];
  for (const tile of tilesBetween(0, 270)) {
    const bytes = await bytesOf(get(tilePath(tile)));
    if (tile.level === 'entries') entries.push(...parseBundle(bytes, tile.width));
  }
  assert.deepEqual(entries, await entriesInOrder(sealing.database, tenantId));
  const tree = createTreeReader(270, async (tile) => bytesOf(get(tilePath(tile))));
  assert.ok(equalHashes(await tree.root(), newest.root));

  const [ids, at] = [await eventIds(), 233];
  const proof = parseTlogProof(String(await bytesOf(get(`proof/${ids[at]}`))));
  assert.equal(proof.index, at);
  assert.deepEqual(proof.extra, entries[at]);
  verifyTlogProof(proof, leafHash(proof.extra ?? assert.fail()), verifier);
  const hashes = String(await bytesOf(get('consistency/200/270')))
    .split('\n')
    .slice(0, -1)
    .map((line) => decodeBase64(line) ?? assert.fail());
  verifyConsistency({ first, second: newest, hashes });
  assert.equal(String(await bytesOf(get('checkpoints/200'))).split('\n')[1], '200');
});

test('what is another tenant’s, not sealed yet, or no path of the log is not there', {
  skip,
}, async () => {
  const { sealing, tenant } = ready();
  const [one, other] = [tenant(), tenant()];
  await one.store(3);
  await other.store(2);
  for (const { tenantId } of [one, other]) await sealTenant(sealing.parts, tenantId, 'newest');
  const [theirs = ''] = await other.eventIds();
  assert.equal((await other.get(`proof/${theirs}`)).status, 200);
  assert.equal((await one.get(`proof/${theirs}`)).status, 404);
  assert.ok(!(await one.get('checkpoint').then((found) => found.text())).includes(other.tenantId));
  await one.store(1);
  const late = (await one.eventIds()).at(-1);
  for (const path of [
    `proof/${late}`,
    'checkpoints/2',
    `tile/0/000.p/${TILE_WIDTH - 1}`,
    'tile/0/000',
    'tile/entries/007.p/1',
    'tile/1/000.p/1',
    `tile/0/../../${other.tenantId}/tile/0/000.p/2`,
    'tile/0/000.p/2/',
    'witnesses',
    'cosignatures/3',
  ])
    assert.ok([404, 422].includes((await one.get(path)).status), path);
  const url = (await one.get('checkpoint')).url;
  assert.equal((await fetch(url)).status, 401);
});

test('a log whose key never handed over says that it has no rotation note', { skip }, async () => {
  const { sealing, tenant } = ready();
  const { tenantId, store, get } = tenant();
  await store(2);
  await sealTenant(sealing.parts, tenantId, 'newest');
  for (const [path, code] of [
    ['rotations/1', 'not_sealed'],
    ['rotations/0', 'not_sealed'],
    ['rotations/01', 'not_found'],
    ['rotations/', 'not_found'],
  ] as const) {
    const answer = await get(path);
    const { type } = (await answer.json()) as { readonly type: string };
    assert.deepEqual([answer.status, type], [404, `urn:vantio:problem:${code}`], path);
  }
});

test('witnesses that were named may cosign; the first word of each stands, whoever takes it', {
  skip,
}, async () => {
  const { sealing, tenant } = ready();
  const { tenantId, store, get, post, verifier, eventIds } = tenant();
  await store(4);
  await sealTenant(sealing.parts, tenantId, 'newest');
  const bare = String(await bytesOf(get('checkpoint')));
  const { note } = openCheckpoint(bare, verifier);
  const line = (time: number, name = WITNESS): string =>
    `${cosign(note.text, time, name, witnessKey)}\n`;
  assert.equal((await post(bare + line(1000, 'witness.example/other'))).status, 422);
  assert.equal((await post('nonsense')).status, 422);
  const answers = await Promise.all([1000, 1001, 1002].map((time) => post(bare + line(time))));
  for (const answer of answers)
    assert.deepEqual([answer.status, await answer.json()], [200, { size: 4, taken: 1 }]);
  const served = String(await bytesOf(get('checkpoint')));
  assert.ok(
    [1000, 1001, 1002].some((time) => served === bare + line(time)),
    served,
  );
  await post(bare + line(3000));
  assert.equal(String(await bytesOf(get('checkpoint'))), served);
  assert.equal(String(await bytesOf(get('checkpoints/4'))), bare);

  // One of two is no quorum.
  const cosigned = async (policy: string): Promise<string> =>
    String(await createCosignatureRows(sealing.database, tenantId, policy).read('cosigned'));
  const own = formatVerifierKey(witnessKeyOf(WITNESS, witnessKey));
  const second = formatVerifierKey(witnessKeyOf('witness.example/w2', witnessKey));
  assert.equal(await cosigned(own), '4');
  assert.equal(await cosigned(`${own}\n${second}\nquorum 2`), 'undefined');
  assert.equal(await cosigned(second), 'undefined');

  // The log goes on; what was witnessed says more, where it covers the entry.
  const [id] = await eventIds();
  await store(1);
  await sealTenant(sealing.parts, tenantId, 'newest');
  const proof = parseTlogProof(String(await bytesOf(get(`proof/${id}`))));
  assert.equal(proof.checkpoint, served);
  verifyTlogProof(proof, leafHash(proof.extra ?? assert.fail()), verifier);
  const unsigned = bare.replace('\n4\n', '\n5\n');
  assert.equal((await post(unsigned + line(1))).status, 422);
});
