import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { after, test } from 'node:test';
import { wrapPolicy } from '@vantio/schema/policy/signed-policy';
import { createLedger, skip } from '../testing/emulated.ts';
import { insertPolicy, listPolicyRows, readPolicy } from './policy-table.ts';
import { publishToCloud } from './publish-to-cloud.ts';

const ledger = skip ? undefined : await createLedger();
after(async () => {
  await ledger?.database.close();
  setTimeout(() => process.exit(), 500).unref();
});

const { privateKey } = generateKeyPairSync('ed25519');
const policy = (version: number, more: object = {}) => ({ v: 1, version, ...more });

test('a policy comes back from the database as it was published, the newest first', {
  skip,
}, async () => {
  assert.ok(ledger);
  const { database } = ledger;
  assert.equal(await readPolicy(database, 'acme'), undefined);
  const first = wrapPolicy(policy(1, { blocked_hosts: ['bücher.example'] }), 'acme', privateKey);
  const second = wrapPolicy(policy(7, { mode: 'dry_run' }), 'acme');
  const { sha256 } = await insertPolicy(database, first);
  assert.equal(await readPolicy(database, 'acme'), first);
  await insertPolicy(database, second);
  assert.equal(await readPolicy(database, 'acme'), second);
  assert.equal(await readPolicy(database, 'acme', 1), first);
  assert.equal(await readPolicy(database, 'other'), undefined);
  const rows = await listPolicyRows(database, 'acme');
  assert.deepEqual(
    rows.map(({ version, mode, signerId }) => [version, mode, signerId === undefined]),
    [
      [1, 'enforce', false],
      [7, 'dry_run', true],
    ],
  );
  assert.equal(rows[0]?.sha256, sha256);
});

test('a version below the newest is refused, and the newest again changes nothing', {
  skip,
}, async () => {
  assert.ok(ledger);
  const { database } = ledger;
  const text = wrapPolicy(policy(3), 'globex', privateKey);
  await insertPolicy(database, text);
  await insertPolicy(database, text);
  for (const other of [policy(2), policy(3, { mode: 'dry_run' })])
    await assert.rejects(insertPolicy(database, wrapPolicy(other, 'globex', privateKey)), {
      code: 'rolled_back',
    });
  assert.equal((await listPolicyRows(database, 'globex')).length, 1);
});

test('a policy with a pattern that RE2 refuses is not published', { skip }, async () => {
  assert.ok(ledger);
  const { database } = ledger;
  const custom = [{ id: 'own', pattern: '(a)\\1' }];
  const text = wrapPolicy(policy(1, { redact_pii: { custom } }), 'patterned');
  const door = { controlKey: '', ingestUrl: 'http://127.0.0.1:9' };
  await assert.rejects(publishToCloud({ database, text, door }), {
    path: 'redact_pii.custom[0].pattern',
  });
  assert.equal(await readPolicy(database, 'patterned'), undefined);
});

test('a policy that no column holds is refused before the database is asked', {
  skip,
}, async () => {
  assert.ok(ledger);
  const reason = 'x'.repeat(300);
  const blocked_hosts = Array.from({ length: 9000 }, (_, at) => ({
    host: `h${at}.example`,
    reason,
  }));
  const text = wrapPolicy(policy(1, { blocked_hosts }), 'large');
  await assert.rejects(insertPolicy(ledger.database, text), { code: 'too_large' });
});
