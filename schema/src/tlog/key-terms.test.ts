import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkpointText } from './checkpoint.ts';
import { areRevoked, signersOf, termsOf } from './key-terms.ts';
import { parseNote, signNote } from './note.ts';
import { madeUpLog } from './sample-keys.ts';
import { leafHash } from './tree-hash.ts';

// Chains and who signs when: sdk/vectors/rotations.json.

const ORIGIN = 'log.example/a';
const keys = ['one', 'two', 'three'].map((word) => madeUpLog(ORIGIN, word));
const [one, two, three] = keys as [(typeof keys)[0], (typeof keys)[0], (typeof keys)[0]];
const root = leafHash(Buffer.from('a leaf'));
const rotation = (size: number, from: typeof one, to: typeof one) => ({
  head: { origin: ORIGIN, size, root },
  from: from.key,
  to: to.key,
});
const chain = [rotation(5, one, two), rotation(9, two, three)];

test('each key has the sizes from its own rotation to the next, both included', () => {
  for (const pinned of [one, two, three])
    assert.deepEqual(
      termsOf([pinned.key], chain).map(({ first, last }) => [first, last]),
      [
        [0, 5],
        [5, 9],
        [9, Number.POSITIVE_INFINITY],
      ],
    );
});

test('a pinned key beside the chain signs trees of any size, and a key of another log none', async () => {
  const beside = madeUpLog(ORIGIN, 'beside');
  const terms = termsOf([one.key, beside.key, madeUpLog('log.example/b').key], chain);
  const signed = async (size: number, ...by: (typeof one)[]): Promise<readonly string[]> => {
    const head = { origin: ORIGIN, size, root };
    const note = await signNote(
      checkpointText(head),
      by.map(({ signer }) => signer),
    );
    return signersOf(parseNote(note), head, terms).map(({ keyId }) => keyId);
  };
  assert.deepEqual(await signed(7, beside), [beside.verifier.keyId]);
  assert.deepEqual(await signed(7, two), [two.verifier.keyId]);
  await assert.rejects(signed(7, one), { code: 'unknown_key' });
  await assert.rejects(signed(7, madeUpLog(ORIGIN, 'nobody')), { code: 'unknown_key' });
  await assert.rejects(signed(7, madeUpLog('log.example/b')), { code: 'other_log' });
});

test('signers are revoked when all of them are, by entries of the tree itself', () => {
  const revoked = (keyId: string): number | undefined => (keyId === 'a' ? 6 : undefined);
  const by = (...ids: string[]) => ids.map((keyId) => ({ keyId }));
  assert.equal(areRevoked(by('a'), 7, revoked), true);
  assert.equal(areRevoked(by('a'), 6, revoked), false);
  assert.equal(areRevoked(by('a', 'b'), 7, revoked), false);
  assert.equal(areRevoked([], 7, revoked), false);
});
