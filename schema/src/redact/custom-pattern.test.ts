import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  CustomPatternError,
  type CustomPatternErrorCode,
  compileCustomPattern,
} from './custom-pattern.ts';
import { redactorOf } from './testing.ts';

test('a pattern of a policy is found and counted as custom', () => {
  const redactor = redactorOf({ action: 'mask' }, [
    compileCustomPattern('ACME-[0-9]{4}'),
    compileCustomPattern('(?i)project \\w+'),
  ]);
  const { text, counts } = redactor.text('ACME-1234, Project Zeus, anna@example.com, ACME-5678');
  assert.equal(text, '[CUSTOM], [CUSTOM], [EMAIL], [CUSTOM]');
  assert.deepEqual(counts, { custom: 3, email: 1 });
});

test('where a pattern meets a value of another entity, nothing of either is left', () => {
  const redactor = redactorOf({ action: 'mask' }, [compileCustomPattern('mail [a-z]+')]);
  const { text, counts } = redactor.text('mail anna@example.com');
  assert.equal(text, '[CUSTOM]');
  assert.deepEqual(counts, { custom: 1 });
});

const REFUSED: readonly (readonly [string, CustomPatternErrorCode, RegExp])[] = [
  ['(a)\\1', 'pattern_needs_backtracking', /a backreference/],
  ['a(?=b)', 'pattern_needs_backtracking', /a lookahead/],
  ['a(?!b)', 'pattern_needs_backtracking', /a lookahead/],
  ['(?<=b)a', 'pattern_needs_backtracking', /a lookbehind/],
  ['(?>ab)', 'pattern_needs_backtracking', /an atomic group/],
  ['a++', 'pattern_needs_backtracking', /a possessive quantifier/],
  ['a(', 'pattern_syntax', /syntax of RE2/],
  ['a*', 'pattern_matches_nothing', /at least one character/],
  ['a'.repeat(1001), 'pattern_too_long', /1000 or fewer/],
];

for (const [source, code, says] of REFUSED)
  test(`refuses ${source.slice(0, 12)}: ${code}`, () => {
    assert.throws(
      () => compileCustomPattern(source),
      (error) =>
        error instanceof CustomPatternError && error.code === code && says.test(error.message),
    );
  });

test('what makes backtracking engines explode is matched in steps as many as the text is long', () => {
  const pattern = compileCustomPattern('(a+)+b');
  // An engine that backtracks would take longer than the test may.
  assert.deepEqual(pattern.find('a'.repeat(10_000)), []);
});
