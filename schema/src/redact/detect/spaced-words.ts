import { DIGIT, is, runEnd, UPPER, WORD } from '../characters.ts';
import type { BuiltInEntity } from '../entity.ts';
import { nationalWord } from './national-words.ts';

type Hit = { readonly start: number; readonly end: number; readonly entity: BuiltInEntity };

const DNI = /\d{8}[- ]?[A-Z](?!\w)|\d{2}\.\d{3}\.\d{3}[- ]?[A-Z](?!\w)/y;
const FINNISH = /\d{6}[-+]\d{3}[0-9A-Z](?!\w)/y;
const NINO =
  /[A-Z]{2}[ -]?\d{2}([ -])\d{2}\1\d{2}[ -]?[A-DT](?!\w)|[A-Z]{2}[ -]\d{6}[ -]?[A-DT](?!\w)/y;
const NIE = /[XYZ]-?\d{7}-?[A-Z](?!\w)/y;
const GAPS = /[ .-]/g;

/** What the size of the first group and the characters beside it leave of it: nearly all numbers are none of these. */
export function mayBeSpaced(text: string, digit: number, size: number): boolean {
  if (size >= 6 || (size === 2 && text.charCodeAt(digit + 2) === 46)) return true;
  return isAfterGap(text, digit);
}

function isAfterGap(text: string, digit: number): boolean {
  return is(text, digit - 2, UPPER) && !is(text, digit - 1, WORD);
}

/** An id of digits and letters with gaps in it, whose first digit is at `digit`. */
export function spacedWord(text: string, digit: number, free: number): Hit | undefined {
  return (
    (isDni(text, digit) ? hit(text, DNI, digit) : undefined) ??
    finnish(text, digit) ??
    (isAfterGap(text, digit)
      ? (hit(text, NIE, back(text, digit - 2, free)) ??
        hit(text, NINO, back(text, digit - 3, free)))
      : undefined)
  );
}

function isDni(text: string, start: number): boolean {
  return text.charCodeAt(start + 2) === 46 || runEnd(text, start, DIGIT, 8) === start + 8;
}

/** The place, if a word may start there; a sticky pattern at -1 starts at 0, so no place is the end. */
function back(text: string, start: number, free: number): number {
  return start >= free && start >= 0 && !is(text, start - 1, WORD) ? start : text.length;
}

function hit(text: string, pattern: RegExp, start: number): Hit | undefined {
  pattern.lastIndex = start;
  if (!pattern.test(text)) return undefined;
  const end = pattern.lastIndex;
  const entity = nationalWord(text.slice(start, end).replace(GAPS, ''));
  return entity === undefined ? undefined : { start, end, entity };
}

/** Its hyphen says the century, and stays. */
function finnish(text: string, start: number): Hit | undefined {
  const sign = text.charCodeAt(start + 6);
  if (sign !== 45 && sign !== 43) return undefined;
  FINNISH.lastIndex = start;
  if (!FINNISH.test(text)) return undefined;
  const end = FINNISH.lastIndex;
  const entity = nationalWord(text.slice(start, end));
  return entity === undefined ? undefined : { start, end, entity };
}
