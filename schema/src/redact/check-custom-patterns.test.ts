import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkPolicy } from '../policy/parse-policy.ts';
import { checkCustomPatterns } from './check-custom-patterns.ts';

const withPatterns = (...patterns: readonly string[]) =>
  checkPolicy({
    v: 1,
    version: 1,
    redact_pii: { custom: patterns.map((pattern, at) => ({ id: `p${at}`, pattern })) },
  });

test('patterns of RE2 pass, and so does a policy without any', () => {
  checkCustomPatterns(withPatterns('EMP-[0-9]{6}', '(?i)project \\w+'));
  checkCustomPatterns(checkPolicy({ v: 1, version: 1 }));
});

const FAULTS: readonly (readonly [string, RegExp])[] = [
  ['(a)\\1', /has a backreference, which RE2 lacks/],
  ['(?=secret)x', /has a lookahead/],
  ['([', /is not of the syntax of RE2/],
  ['((a{100}){100}){100}', /is not of the syntax of RE2/],
  ['x*', /matches the empty text/],
];

for (const [pattern, says] of FAULTS)
  test(`a pattern such as ${pattern} is refused by its place`, () => {
    assert.throws(() => checkCustomPatterns(withPatterns('EMP-[0-9]+', pattern)), {
      name: 'PolicyError',
      code: 'bad_value',
      path: 'redact_pii.custom[1].pattern',
      message: says,
    });
  });
