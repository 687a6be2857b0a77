import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createRandom } from '../../functions/src/testing/seeded-random.ts';
import { run } from '../e2e/run.ts';
import { fuzz, type Target } from './fuzz.ts';
import { mutate } from './mutate.ts';
import { TARGETS } from './targets/targets.ts';

const SEED = 20_261_125;

describe('two seconds of mutations break no promise of', () => {
  for (const target of TARGETS)
    test(target.name, () => {
      const { inputs, accepted, refusals, broken } = fuzz(target, 2, SEED);
      assert.equal(broken, undefined, JSON.stringify(broken?.text));
      assert.ok(inputs > 100 && accepted > 0 && refusals > 0, JSON.stringify({ inputs, accepted }));
    });
});

test('one seed makes the same inputs each time, another makes others', () => {
  const inputs = (seed: number): readonly string[] => {
    const random = createRandom(seed);
    return Array.from({ length: 200 }, () => mutate(['one two 3\nfour\n', '{"a":1}'], random));
  };
  assert.deepEqual(inputs(SEED), inputs(SEED));
  assert.notDeepEqual(inputs(SEED), inputs(SEED + 1));
});

/** A parser of numbers up to 100, and what is wrong with it. */
const toy = (judge: (text: string) => void): Target => ({
  name: 'toy',
  samples: ['42', '100'],
  isRefusal: (error): error is Error => error instanceof RangeError,
  judge: (text) => {
    if (!(Number(text) <= 100)) throw new RangeError('too large, or no number');
    judge(text);
  },
});

test('a parser that accepts two forms of a value, or fails by another error, is found out', () => {
  const lax = toy((text) => assert.equal(String(Number(text)), text));
  const { broken } = fuzz(lax, 10, SEED);
  assert.ok(broken && Number(broken.text) <= 100 && String(Number(broken.text)) !== broken.text);
  const brittle = toy((text) => {
    if (text.includes('-')) throw new TypeError('no minus was thought of');
  });
  assert.ok(fuzz(brittle, 10, SEED).broken?.error instanceof TypeError);
});

test('scripts/fuzz refuses in a sentence what it does not know', async () => {
  for (const [args, says] of [
    [['nothing'], /^nothing is no fuzzer: scripts\/fuzz \[NAME\]…/],
    [['--seconds', 'many'], /^--seconds is not a number above 0: /],
    [['--seed', '-1'], /^(--seed is not a whole number|an option is not known)/],
    [['--fast'], /^an option is not known/],
  ] as const) {
    const { status, stderr } = await run(process.execPath, [
      'scripts/fuzzers/run-fuzzers.ts',
      ...args,
    ]);
    assert.equal(status, 64);
    assert.match(stderr, says);
  }
});
