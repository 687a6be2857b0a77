import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { signerIdOf } from '@vantio/schema';
import { rawPublicKey } from '@vantio/schema/session-signature';
import { readRevocationList } from './revocation-list.ts';
import { updateRevocationList } from './update-revocation-list.ts';

function keyPair() {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  return {
    publicKey,
    keyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    signers: new Map([[signerIdOf(publicKey), publicKey]]),
  };
}
const [ONE, TWO] = ['1'.repeat(16), '2'.repeat(16)];

test('a first list is empty, signed, and of version 1', () => {
  const { keyPem, signers } = keyPair();
  const { text, version, added } = updateRevocationList({ keyPem, add: [] });
  assert.deepEqual([version, added], [1, []]);
  const list = readRevocationList(text, signers);
  assert.deepEqual([list?.version, list?.key_ids], [1, []]);
  assert.match(text, /^\{[^\n]*\}\n$/);
});

test('each change rises the version, adds once, and takes nothing away', () => {
  const { keyPem, signers } = keyPair();
  const first = updateRevocationList({ keyPem, add: [TWO, TWO] });
  const second = updateRevocationList({ keyPem, known: first.text, add: [ONE, TWO] });
  assert.deepEqual([second.version, second.keyIds, second.added], [2, [ONE, TWO], [ONE]]);
  assert.deepEqual(readRevocationList(second.text, signers)?.key_ids, [ONE, TWO]);
});

test('a list under the key-making key before is taken when that is named, and signed anew', () => {
  const [old, next] = [keyPair(), keyPair()];
  const known = updateRevocationList({ keyPem: old.keyPem, add: [ONE] }).text;
  assert.throws(() => updateRevocationList({ keyPem: next.keyPem, known, add: [] }), {
    code: 'bad_list',
  });
  const trusted = [rawPublicKey(old.publicKey)];
  const { text } = updateRevocationList({ keyPem: next.keyPem, known, trusted, add: [] });
  assert.deepEqual(readRevocationList(text, next.signers)?.key_ids, [ONE]);
});

test('a list that is damaged, a key that is none, and one id too many make no list', () => {
  const { keyPem } = keyPair();
  const known = updateRevocationList({ keyPem, add: [ONE] }).text;
  const spoilt = known.replace(ONE, TWO);
  assert.throws(() => updateRevocationList({ keyPem, known: spoilt, add: [] }), {
    code: 'bad_list',
  });
  assert.throws(() => updateRevocationList({ keyPem: 'x', add: [] }), { code: 'bad_key' });
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  const ecPem = ec.export({ type: 'pkcs8', format: 'pem' }).toString();
  assert.throws(() => updateRevocationList({ keyPem: ecPem, add: [] }), { code: 'bad_key' });
  assert.throws(() => updateRevocationList({ keyPem, known, trusted: ['x'], add: [] }), {
    code: 'bad_signer',
  });
  assert.throws(() => updateRevocationList({ keyPem, add: ['x'] }), TypeError);
  const many = Array.from({ length: 3500 }, (_, n) => n.toString(16).padStart(16, '0'));
  assert.throws(() => updateRevocationList({ keyPem, add: many }), { code: 'list_too_large' });
});
