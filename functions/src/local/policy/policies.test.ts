import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { appendFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { signerIdOf } from '@vantio/schema';
import { parseLedgerLine } from '@vantio/schema/ledger-line';
import { judgePolicy } from '@vantio/schema/policy/judge-policy';
import { wrapPolicy } from '@vantio/schema/policy/signed-policy';
import { type ConfigAnswer, configAnswerSchema } from '@vantio/schema/wire/config-answer';
import { createHouse } from '../../testing/local.ts';
import { listPolicies, publishPolicy } from './policy-store.ts';

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const policy = (version: number, host = 'evil.example') => ({
  v: 1,
  version,
  blocked_hosts: [host],
});

const withPattern = (pattern: string) => ({ redact_pii: { custom: [{ id: 'own', pattern }] } });

type Asked = { readonly status: number; readonly etag: string; readonly body: ConfigAnswer };

async function ask(url: string, key: string, etag?: string): Promise<Asked> {
  const response = await fetch(`${url}/api/v1/config`, {
    headers: {
      authorization: `Bearer ${key}`,
      ...(etag === undefined ? {} : { 'if-none-match': etag }),
    },
  });
  const text = await response.text();
  const body = (text === '' ? {} : JSON.parse(text)) as ConfigAnswer;
  return { status: response.status, etag: response.headers.get('etag') ?? '', body };
}

const changesIn = (ledger: string) =>
  readFileSync(ledger, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => parseLedgerLine(line).record)
    .filter(({ event_type }) => event_type === 'policy_change');

test('without a policy config says observe', async (t) => {
  const house = createHouse(t);
  const { url } = await house.start();
  const { status, body } = await ask(url, house.key());
  assert.equal(status, 200);
  assert.equal(configAnswerSchema.parse(body).mode, 'observe');
  assert.equal(body.policy, undefined);
});

test('a published policy is served to its tenant alone, with an ETag, and a new version at once', async (t) => {
  const house = createHouse(t);
  const { url } = await house.start();
  const [acme, other] = [house.key('acme'), house.key('other')];
  publishPolicy(house.stateDir, wrapPolicy(policy(3), 'acme', privateKey));
  const first = await ask(url, acme);
  assert.equal(configAnswerSchema.parse(first.body).mode, 'enforce');
  const judged = judgePolicy(first.body.policy ?? '', { trust: [publicKey], tenantId: 'acme' });
  assert.equal(judged.verdict === 'accepted' && judged.trust, 'signed');
  assert.equal((await ask(url, other)).body.policy, undefined);
  assert.equal((await ask(url, acme, first.etag)).status, 304);
  publishPolicy(house.stateDir, wrapPolicy(policy(4), 'acme', privateKey));
  const second = await ask(url, acme, first.etag);
  assert.equal(second.status, 200);
  assert.match(second.body.policy ?? '', /"version":4/);
});

test('each published version is one record of the control plane, also of those published while it was away', async (t) => {
  const house = createHouse(t);
  house.key();
  publishPolicy(house.stateDir, wrapPolicy(policy(1), 'acme', privateKey));
  const first = await house.start();
  publishPolicy(house.stateDir, wrapPolicy(policy(2), 'acme'));
  await ask(first.url, house.key());
  await first.close();
  publishPolicy(house.stateDir, wrapPolicy(policy(3), 'other'));
  await (await house.start()).close();
  await (await house.start()).close();
  assert.deepEqual(
    changesIn(house.ledger).map((record) => [
      record.subject_tenant_id,
      record.policy_version,
      record.signer_id,
      record.source,
    ]),
    [
      ['acme', 1, signerIdOf(publicKey), 'control_plane'],
      ['acme', 2, undefined, 'control_plane'],
      ['other', 3, undefined, 'control_plane'],
    ],
  );
});

test('a version that is not above the last is refused, and so is what is no envelope', (t) => {
  const { stateDir } = createHouse(t);
  publishPolicy(stateDir, wrapPolicy(policy(3), 'acme'));
  publishPolicy(stateDir, wrapPolicy(policy(1), 'other'));
  for (const version of [2, 3])
    assert.throws(() => publishPolicy(stateDir, wrapPolicy(policy(version, 'x'), 'acme')), {
      code: 'rolled_back',
    });
  assert.throws(() => publishPolicy(stateDir, JSON.stringify(policy(4))), { code: 'bad_envelope' });
  const backtracking = { ...policy(4), ...withPattern('(a)\\1') };
  assert.throws(() => publishPolicy(stateDir, wrapPolicy(backtracking, 'acme')), {
    path: 'redact_pii.custom[0].pattern',
  });
  assert.equal(listPolicies(stateDir).length, 2);
});

test('a torn line and a line somebody else wrote are passed over', (t) => {
  const { stateDir } = createHouse(t);
  publishPolicy(stateDir, wrapPolicy(policy(1), 'acme'));
  appendFileSync(join(stateDir, 'policies.ndjson'), '{"envelope":"{\\"pol');
  publishPolicy(stateDir, wrapPolicy(policy(2), 'acme'));
  const file = join(stateDir, 'policies.ndjson');
  const [line = ''] = readFileSync(file, 'utf8').split('\n');
  appendFileSync(file, `${line}\n`);
  assert.deepEqual(
    listPolicies(stateDir).map(({ envelope }) => envelope.policy.version),
    [1, 2],
  );
});

test('a policy file is served to tenants without a policy of their own, and read anew', async (t) => {
  const house = createHouse(t);
  const policyFile = join(house.directory, 'policy.json');
  writeFileSync(policyFile, JSON.stringify(policy(1)));
  const server = await house.start({ policyFile });
  const key = house.key('acme');
  assert.match((await ask(server.url, key)).body.policy ?? '', /"version":1/);
  writeFileSync(policyFile, JSON.stringify({ ...policy(2), mode: 'dry_run' }));
  assert.equal((await ask(server.url, key)).body.mode, 'dry_run');
  writeFileSync(policyFile, '{"v":1,"version":3,"blocked_host":[]}');
  assert.match((await ask(server.url, key)).body.policy ?? '', /"version":2/);
  assert.match(house.log.join('\n'), /version 2 stays: blocked_host: is not a member of a policy/);
  publishPolicy(house.stateDir, wrapPolicy(policy(9), 'acme'));
  assert.match((await ask(server.url, key)).body.policy ?? '', /"version":9/);
  await server.close();
  assert.deepEqual(
    changesIn(house.ledger).map((record) => record.policy_version),
    [1, 2, 9],
  );
});

test('a server does not start with a policy file that cannot be used', async (t) => {
  const house = createHouse(t);
  const policyFile = join(house.directory, 'policy.json');
  await assert.rejects(house.start({ policyFile }), { code: 'not_json' });
  writeFileSync(policyFile, '{}');
  await assert.rejects(house.start({ policyFile }), { code: 'bad_value' });
  writeFileSync(policyFile, JSON.stringify({ ...policy(1), ...withPattern('x*') }));
  await assert.rejects(house.start({ policyFile }), { path: 'redact_pii.custom[0].pattern' });
});

test('a store that cannot be read is no answer, and not no policy', async (t) => {
  const house = createHouse(t);
  const { url } = await house.start();
  const key = house.key();
  publishPolicy(house.stateDir, wrapPolicy(policy(1), 'acme'));
  assert.equal((await ask(url, key)).status, 200);
  rmSync(join(house.stateDir, 'policies.ndjson'));
  mkdirSync(join(house.stateDir, 'policies.ndjson'));
  assert.equal((await ask(url, key)).status, 503);
});
