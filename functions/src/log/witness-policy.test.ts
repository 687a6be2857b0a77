import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { formatVerifierKey, rawPublicKey } from '@vantio/schema/tlog/note-keys';
import { parseWitnessPolicy } from './witness-policy.ts';

const keys = ['w1', 'w2', 'w3'].map((name) =>
  formatVerifierKey({
    name: `witness.example/${name}`,
    type: 'cosignatureEd25519',
    publicKey: rawPublicKey(generateKeyPairSync('ed25519').privateKey),
  }),
);

test('one witness is enough where no quorum is named, and so many are where one is', () => {
  assert.deepEqual(parseWitnessPolicy(''), { witnesses: [], quorum: 1 });
  const { witnesses, quorum } = parseWitnessPolicy(`# ours\n\n${keys.join('\n')}\n`);
  assert.deepEqual([witnesses.length, quorum], [3, 1]);
  assert.equal(parseWitnessPolicy(`${keys.join('\n')}\nquorum 3\n`).quorum, 3);
});

test('a quorum that nobody can reach, or one of two, is told', () => {
  for (const text of ['quorum 1', `${keys[0]}\nquorum 2`, `${keys.join('\n')}\nquorum 1\nquorum 2`])
    assert.throws(() => parseWitnessPolicy(text), { code: 'bad_key', message: /one quorum/ });
  for (const text of ['quorum 0', 'quorum', 'quorum all', 'nonsense'])
    assert.throws(() => parseWitnessPolicy(text), { code: 'bad_key' });
});
