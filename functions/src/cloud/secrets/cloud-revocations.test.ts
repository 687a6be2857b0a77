import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { signerIdOf } from '@vantio/schema';
import {
  extendRevocationList,
  type RevocationList,
  signRevocationList,
} from '../../door/revocation-list.ts';
import { createCloudRevocations } from './cloud-revocations.ts';

const keymaker = generateKeyPairSync('ed25519');
const signers = new Map([[signerIdOf(keymaker.publicKey), keymaker.publicKey]]);
const [ONE, TWO] = ['0'.repeat(16), '1'.repeat(16)];

function extended(known: RevocationList | undefined, keyId: string): RevocationList {
  const list = extendRevocationList(known, keyId);
  assert.ok(list);
  return list;
}
const first = extended(undefined, ONE);
const second = extended(first, TWO);

function setUp(list: RevocationList) {
  let text = signRevocationList(list, keymaker.privateKey);
  let at = 0;
  const faults: string[] = [];
  const { refresh, revocations } = createCloudRevocations({
    readSecret: async () => text,
    signers,
    onFault: (_, error) => faults.push((error as Error).message),
    now: () => at,
  });
  return {
    faults,
    put: (other: string) => {
      text = other;
    },
    after: async (millis: number) => {
      at += millis;
      await refresh();
      return revocations();
    },
  };
}

test('before the list was had, nobody is let in', () => {
  const { revocations } = createCloudRevocations({
    readSecret: async () => '',
    signers,
    onFault: () => {},
  });
  assert.equal(revocations(), 'unreadable');
});

test('a key revoked is out within sixty seconds', async () => {
  const { put, after } = setUp(first);
  assert.deepEqual(await after(0), new Set([ONE]));
  put(signRevocationList(second, keymaker.privateKey));
  assert.deepEqual(await after(60_000), new Set([ONE, TWO]));
});

test('a list that is damaged, signed by another, or older, lets nobody in until it is repaired', async () => {
  const stranger = generateKeyPairSync('ed25519').privateKey;
  for (const bad of [
    '',
    '{}',
    signRevocationList(second, stranger),
    signRevocationList(first, keymaker.privateKey),
  ]) {
    const { put, after, faults } = setUp(second);
    assert.deepEqual(await after(0), new Set([ONE, TWO]));
    put(bad);
    assert.equal(await after(60_000), 'unreadable');
    assert.equal(faults.length, 1);
    put(signRevocationList(second, keymaker.privateKey));
    assert.deepEqual(await after(1), new Set([ONE, TWO]));
  }
});
