import { classOf, WORD } from '../characters.ts';

const isWord = (text: string, at: number): boolean => (classOf(text.charCodeAt(at)) & WORD) !== 0;

/** A value does not start in the middle of an id, a path or a decimal. */
export function startsFree(text: string, start: number): boolean {
  if (isWord(text, start - 1)) return isEscape(text, start - 2);
  const before = text.charCodeAt(start - 1);
  const isJoiner = before === 45 || before === 46 || before === 47;
  return !isJoiner || !isWord(text, start - 2);
}

/** `\n` and its like, as source and logs write them: what is behind starts a line. */
export function isEscape(text: string, at: number): boolean {
  const code = text.charCodeAt(at + 1);
  return text.charCodeAt(at) === 92 && (code === 110 || code === 114 || code === 116);
}

/** Nor does it end in one; `@` makes it a part of an address of mail. */
export function endsValue(text: string, end: number): boolean {
  const code = text.charCodeAt(end);
  if (isWord(text, end) || code === 64) return false;
  const isJoiner = code === 45 || code === 46 || code === 47 || code === 58;
  return !isJoiner || !isWord(text, end + 1) || isLabel(text, end);
}

const LABEL = /-[A-Z][a-z]{2}/y;

/** 415-555-2671-Office: a word behind it is no part of it. */
function isLabel(text: string, at: number): boolean {
  LABEL.lastIndex = at;
  return LABEL.test(text);
}
