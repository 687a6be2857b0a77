import assert from 'node:assert/strict';
import { generateKeyPairSync, sign } from 'node:crypto';
import { test } from 'node:test';

type Answers = {
  readonly signatureHolds: (
    algorithm: 'Ed25519' | 'ML-DSA-44',
    key: Uint8Array,
    message: Uint8Array,
    signature: Uint8Array,
  ) => boolean;
  readonly withAnswers: <T>(work: () => T | Promise<T>) => Promise<T>;
};

// From its source: it is compiled into bundles alone. Node has the same WebCrypto.
const { signatureHolds, withAnswers } = (await import(
  new URL('../../browser/signature-answers.ts', import.meta.url).href
)) as Answers;

const { publicKey, privateKey } = generateKeyPairSync('ed25519');
const spki = publicKey.export({ format: 'der', type: 'spki' });
const message = (at: number): Buffer => Buffer.from(`message ${at}`);
const isGood = (at: number): boolean =>
  signatureHolds('Ed25519', spki, message(at), sign(null, message(at), privateKey));
const isBad = (at: number): boolean =>
  signatureHolds('Ed25519', spki, message(at), Buffer.alloc(64, at));

/** @returns the result and how often the work was done. */
async function count<T>(work: () => T): Promise<readonly [T, number]> {
  let runs = 0;
  const result = await withAnswers(() => {
    runs++;
    return work();
  });
  return [result, runs];
}

test('what all signatures hold in is gone through once, and what some do not, twice', async () => {
  assert.deepEqual(await count(() => [1, 2, 3].map(isGood)), [[true, true, true], 1]);
  assert.deepEqual(await count(() => [isGood(1), isBad(2)]), [[true, false], 2]);
});

test('of an error only one that right answers lead to is thrown', async () => {
  const work = (): string => {
    if (isBad(1)) throw new Error('as if it held');
    return 'it does not';
  };
  assert.deepEqual(await count(work), ['it does not', 2]);
  await assert.rejects(
    withAnswers(() => {
      if (!isBad(1)) throw new Error('it does not hold');
    }),
    /^Error: it does not hold$/,
  );
});

test('one wrong signature after the other, until one holds, takes a few rounds', async () => {
  const [found, runs] = await count(() => {
    let at = 0;
    while (at < 200 && !isBad(at)) at++;
    return at;
  });
  assert.equal(found, 200);
  assert.ok(runs <= 4, `${runs} rounds`);
});

test('what leads on and on whatever the answers are ends with a sentence', async () => {
  let asked = 0;
  await assert.rejects(
    withAnswers(() => {
      isGood(asked++);
      isBad(asked++);
    }),
    /do not come to an end in 64 rounds/,
  );
});

test('under a key that is no point of the curve nothing holds', async () => {
  for (const raw of [Buffer.alloc(32, 0xff), Buffer.alloc(31)]) {
    const key = Buffer.concat([spki.subarray(0, -32), raw]);
    const holds = () => signatureHolds('Ed25519', key, message(1), Buffer.alloc(64));
    assert.deepEqual(await count(holds), [false, 2]);
  }
});
