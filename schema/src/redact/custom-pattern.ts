import { RE2JS } from 're2js';
import type { CustomPattern } from './settings.ts';

// The engine is large: the SDK loads this file only for a policy that has patterns of its own.

export type CustomPatternErrorCode =
  | 'pattern_too_long'
  | 'pattern_needs_backtracking'
  | 'pattern_syntax'
  | 'pattern_matches_nothing';

export class CustomPatternError extends Error {
  override readonly name = 'CustomPatternError';
  readonly code: CustomPatternErrorCode;
  constructor(code: CustomPatternErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

const MAX_LENGTH = 1000;
/** What Perl's syntax has and RE2's has not, for it cannot be matched in linear time. */
const BEYOND: readonly (readonly [RegExp, string])[] = [
  [/\(\?(?:=|!)/, 'a lookahead'],
  [/\(\?<(?:=|!)/, 'a lookbehind'],
  [/\\[1-9]|\\k[<{']/, 'a backreference'],
  [/\(\?>/, 'an atomic group'],
  [/[*+?}]\+/, 'a possessive quantifier'],
];

/**
 * A policy's own pattern, in RE2's syntax, which is matched in time linear in the text.
 * @throws CustomPatternError that says what is wrong with it, without quoting it.
 */
export function compileCustomPattern(source: string): CustomPattern {
  if (source.length > MAX_LENGTH)
    throw new CustomPatternError(
      'pattern_too_long',
      `a pattern has ${source.length} characters; write it in ${MAX_LENGTH} or fewer`,
    );
  const regex = compile(source);
  if (regex.matches(''))
    throw new CustomPatternError(
      'pattern_matches_nothing',
      'a pattern matches the empty text; make it ask for at least one character',
    );
  return { find: (text) => findAll(regex, text) };
}

function compile(source: string): RE2JS {
  try {
    return RE2JS.compile(source);
  } catch {
    const plain = source.replace(/\\[^1-9k]/g, '');
    const [, beyond] = BEYOND.find(([shape]) => shape.test(plain)) ?? [];
    if (beyond !== undefined)
      throw new CustomPatternError(
        'pattern_needs_backtracking',
        `a pattern has ${beyond}, which RE2 lacks so that matching stays linear; write it without`,
      );
    throw new CustomPatternError(
      'pattern_syntax',
      'a pattern is not of the syntax of RE2; see https://github.com/google/re2/wiki/Syntax',
    );
  }
}

function findAll(regex: RE2JS, text: string): { start: number; end: number }[] {
  const found: { start: number; end: number }[] = [];
  const matcher = regex.matcher(text);
  while (matcher.find()) {
    const [start, end] = [matcher.start(), matcher.end()];
    if (end > start) found.push({ start, end });
  }
  return found;
}
