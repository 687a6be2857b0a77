import assert from 'node:assert/strict';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import { http } from '@google-cloud/functions-framework';
import { getTestServer } from '@google-cloud/functions-framework/testing';
import { checkApiKey, signerIdOf } from '@vantio/schema';
import type { KeyAnswer } from '@vantio/schema/wire/key-request';
import type { Problem } from '@vantio/schema/wire/problem';
import { readRevocationList } from '../../door/revocation-list.ts';
import type { LogFields } from '../log.ts';
import { startSecretManager } from '../mirror/secret-manager.ts';
import { createAddSecretVersion } from '../secrets/add-secret-version.ts';
import { createReadNewest } from '../secrets/read-newest.ts';
import { createReadSecret } from '../secrets/read-secret.ts';
import { createRefreshed } from '../secrets/refreshed.ts';
import { createKeymaker } from './handler.ts';
import { openKeyMaker } from './open-key-maker.ts';
import { createRevoke } from './revoke.ts';

const [first, second, stranger] = [0, 1, 2].map(() => generateKeyPairSync('ed25519')) as [
  Pair,
  Pair,
  Pair,
];
type Pair = { readonly publicKey: KeyObject; readonly privateKey: KeyObject };
const signers = new Map([first, second].map(({ publicKey }) => [signerIdOf(publicKey), publicKey]));
const pemOf = ({ privateKey }: Pair): string =>
  privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

const secrets = await startSecretManager();
process.env.VANTIO_SECRET_MANAGER_HOST = secrets.host;
after(() => secrets.close());
const START = Date.parse('2026-06-01T00:00:00Z');
let count = 0;

/** A keymaker under the framework, with secrets that no other test has. */
async function setUp() {
  const id = `keymaker-${++count}`;
  const [KEY, LIST] = [`projects/p/secrets/${id}`, `projects/p/secrets/${id}-list`];
  const logged: (LogFields & { readonly event: string })[] = [];
  let at = START;
  const now = (): number => at;
  secrets.put(KEY, pemOf(first));
  const createInstance = () => {
    const signer = createRefreshed({
      load: async () => openKeyMaker(await createReadSecret({ name: KEY })(), signers),
      now,
    });
    const revoke = createRevoke({
      readList: createReadNewest({ name: LIST }),
      addList: createAddSecretVersion({ name: LIST }),
      signers,
      signer,
    });
    return { signer, revoke };
  };
  http(
    id,
    createKeymaker({
      ...createInstance(),
      operatorTenant: 'vantio',
      log: (event, fields) => logged.push({ event, ...fields }),
      onFault: () => {},
      now,
    }),
  );
  const server = getTestServer(id).listen(0, '127.0.0.1');
  await once(server, 'listening');
  after(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    logged,
    createInstance,
    putKey: (pem: string | undefined) => secrets.put(KEY, pem),
    putList: (text: string) => secrets.put(LIST, text),
    versions: () => secrets.versions(LIST),
    list: () => readRevocationList(String(secrets.versions(LIST).at(-1)), signers),
    /** Past the greatest age of what was read. */
    wait: () => {
      at += 60_000;
    },
    post: (path: string, body: unknown): Promise<Response> =>
      fetch(`${url}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
  };
}

async function problemOf(response: Response): Promise<Problem & { readonly name: string }> {
  assert.match(response.headers.get('content-type') ?? '', /^application\/problem\+json/);
  const problem = (await response.json()) as Problem;
  assert.equal(problem.status, response.status);
  return { ...problem, name: problem.type.replace('urn:vantio:problem:', '') };
}

test('a key is made that the door lets in, shown once and logged by its id', async () => {
  const { post, logged } = await setUp();
  const wanted = { tenant_id: 'acme', plan: 'paid', expires_at: '2026-12-01T00:00:00Z' } as const;
  const response = await post('/keys', wanted);
  assert.equal(response.status, 201);
  assert.equal(response.headers.get('cache-control'), 'no-store');
  const { api_key, ...told } = (await response.json()) as KeyAnswer;
  const claims = checkApiKey(api_key, signers, START / 1000);
  assert.deepEqual(claims, {
    tenantId: 'acme',
    keyId: told.key_id,
    plan: 'paid',
    expiresAt: Date.parse(wanted.expires_at) / 1000,
    signerId: told.signer_id,
  });
  assert.deepEqual(logged, [{ event: 'key_created', ...told }]);
});

test('what is not a request for a key is refused by field, quoting nothing', async () => {
  const { post, url } = await setUp();
  const good = { tenant_id: 'acme', plan: 'paid' };
  for (const [field, body] of [
    ['tenant_id', { ...good, tenant_id: 'Secret Name' }],
    ['plan', { ...good, plan: 'golden' }],
    ['plan', { ...good, plan: 'control' }],
    ['expires_at', { ...good, expires_at: 'tomorrow' }],
    ['expires_at', { ...good, expires_at: '2026-05-31T00:00:00Z' }],
    ['body', { ...good, secret_field: 1 }],
    ['body', []],
  ] as const) {
    const problem = await problemOf(await post('/keys', body));
    assert.deepEqual([problem.name, problem.field], ['invalid_request', field]);
    assert.doesNotMatch(problem.detail, /Secret|golden|tomorrow|secret_field/);
  }
  assert.equal((await post('/keys', { tenant_id: 'vantio', plan: 'control' })).status, 201);
  const get = await fetch(`${url}/keys`);
  assert.equal((await problemOf(get)).name, 'method_not_allowed');
  assert.equal((await problemOf(await post('/other', good))).name, 'not_found');
  const text = await fetch(`${url}/keys`, { method: 'POST', body: 'x' });
  assert.equal((await problemOf(text)).name, 'unsupported_media_type');
});

test('a new key-making key is used without a restart', async () => {
  const { post, putKey, wait } = await setUp();
  const signerOf = async (): Promise<string> =>
    ((await (await post('/keys', { tenant_id: 'acme', plan: 'free' })).json()) as KeyAnswer)
      .signer_id;
  assert.equal(await signerOf(), signerIdOf(first.publicKey));
  putKey(pemOf(second));
  wait();
  assert.equal(await signerOf(), signerIdOf(second.publicKey));
});

test('no key is made with a key-making key that nobody trusts, that is no key, or is away', async () => {
  const { post, putKey, wait, logged } = await setUp();
  for (const bad of [pemOf(stranger), 'no key', undefined]) {
    wait();
    putKey(bad);
    const problem = await problemOf(await post('/keys', { tenant_id: 'acme', plan: 'free' }));
    assert.equal(problem.name, bad === undefined ? 'internal' : 'keymaker_unusable');
  }
  assert.deepEqual(logged, []);
});

test('the first list is made empty; a revocation adds to it and is made once', async () => {
  const { post, list, versions } = await setUp();
  const revoke = async (...key_ids: readonly string[]): Promise<unknown> => {
    const response = await post('/revocations', { key_ids });
    assert.equal(response.status, 200);
    return response.json();
  };
  const [one, two] = ['1'.repeat(16), '2'.repeat(16)];
  assert.deepEqual(await revoke(), { version: 1, added: 0, revoked: 0 });
  assert.deepEqual(list()?.key_ids, []);
  assert.deepEqual(await revoke(two, one, two), { version: 2, added: 2, revoked: 2 });
  assert.deepEqual(await revoke(one), { version: 2, added: 0, revoked: 2 });
  assert.deepEqual(list()?.key_ids, [one, two]);
  assert.equal(versions().length, 2);
  assert.equal(
    (await problemOf(await post('/revocations', { key_ids: ['x'] }))).field,
    'key_ids.0',
  );
});

test('two who revoke at once lose nothing', async () => {
  const { post, list, createInstance } = await setUp();
  const ids = Array.from({ length: 20 }, (_, index) => index.toString(16).padStart(16, '0'));
  const others = createInstance();
  await Promise.all(ids.slice(0, 10).map((id) => post('/revocations', { key_ids: [id] })));
  await others.revoke(ids.slice(10));
  await post('/revocations', { key_ids: [] });
  assert.deepEqual(list()?.key_ids, ids);
});

test('a list that no trusted key signed is not replaced', async () => {
  const { post, putList, versions } = await setUp();
  putList('{"list":{}}');
  const problem = await problemOf(await post('/revocations', { key_ids: ['1'.repeat(16)] }));
  assert.equal(problem.name, 'revocations_unreadable');
  assert.equal(versions().length, 1);
});

test('under a new key-making key the list is signed anew, before the old one is out', async () => {
  const { post, list, putKey, wait, versions } = await setUp();
  await post('/revocations', { key_ids: ['1'.repeat(16)] });
  putKey(pemOf(second));
  wait();
  const response = await post('/revocations', { key_ids: [] });
  assert.deepEqual(await response.json(), { version: 2, added: 0, revoked: 1 });
  const onlySecond = new Map([[signerIdOf(second.publicKey), second.publicKey]]);
  const newest = readRevocationList(String(versions().at(-1)), onlySecond);
  assert.deepEqual(newest?.key_ids, ['1'.repeat(16)]);
  assert.deepEqual(newest, list());
});

test('a list that Secret Manager would not take is not written, and the answer says what to do', async () => {
  const { post, list } = await setUp();
  const ids = (from: number) =>
    Array.from({ length: 1000 }, (_, at) => (from + at).toString(16).padStart(16, '0'));
  for (const from of [0, 1000, 2000])
    assert.equal((await post('/revocations', { key_ids: ids(from) })).status, 200);
  const problem = await problemOf(await post('/revocations', { key_ids: ids(3000) }));
  assert.equal(problem.name, 'revocations_full');
  assert.match(problem.detail ?? '', /rotate the key-making key/);
  assert.equal(list()?.key_ids.length, 3000);
});
