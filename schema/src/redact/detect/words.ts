import { DIGIT, is, LETTER, runEnd, runStart, WORD } from '../characters.ts';
import { CUE } from '../cues.ts';
import { add, type View } from '../view.ts';
import { ibanEnd } from './iban.ts';
import { dottedMacEnd } from './mac-address.ts';
import { EXAMPLE_NINO, nationalWord } from './national-words.ts';
import { endsValue, startsFree } from './number-edges.ts';
import { numbers } from './numbers.ts';
import { opaqueKey } from './opaque-key.ts';
import { beginsSecret, secretEnd } from './secrets.ts';
import { spacedWord } from './spaced-words.ts';

const ALNUM = DIGIT | LETTER;
const PASSPORT = /^(?=(?:[A-Z]*\d){5})[A-Z0-9]{6,10}$/;
const EXTENDED = /^\d{7,15}[xX]\d{1,6}$/;

const UUID = /[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}(?!\w)/iy;

/** A word of letters and digits, whose first digit is at `digit`. @returns where the scan goes on. */
export function words(view: View, digit: number): number {
  const { text } = view;
  const start = runStart(text, digit, ALNUM, 64, view.free);
  const end = runEnd(text, digit, ALNUM);
  if (digit === start + 2) {
    const iban = startsFree(text, start) ? ibanEnd(text, start) : -1;
    if (iban >= 0) return add(view, 'iban', start, iban);
  }
  const length = end - start;
  if (length === 8 && text.charCodeAt(end) === 45) {
    UUID.lastIndex = start;
    if (UUID.test(text)) return Math.max(opaqueKey(view, digit), start + 36);
  }
  if (length === 4 && text.charCodeAt(end) === 46) {
    const mac = dottedMacEnd(view, start);
    if (mac >= 0) return mac;
  }
  if (length <= 22 && startsFree(text, start)) {
    const spaced = spacedWord(text, digit, view.free);
    if (spaced !== undefined) return add(view, spaced.entity, spaced.start, spaced.end);
    const known = endsValue(text, end) ? knownWord(view, start, end) : -1;
    if (known >= 0) return known;
  }
  const key = Math.max(dottedKey(view, start), opaqueKey(view, digit));
  return key >= 0 ? key : end;
}

/** `SG.…`, `dp.pt.…`, `hvs.…`: their beginning is a word of its own. */
function dottedKey(view: View, start: number): number {
  const { text } = view;
  let from = start;
  for (let dots = 0; dots < 3 && text.charCodeAt(from - 1) === 46; dots++) {
    from = runStart(text, from - 1, ALNUM, 64, view.free);
    if (!beginsSecret(text.charCodeAt(from), text.charCodeAt(from + 1))) continue;
    const end = is(text, from - 1, WORD) ? -1 : secretEnd(view, from);
    if (end >= 0) return end;
  }
  return -1;
}

function knownWord(view: View, start: number, end: number): number {
  const word = view.text.slice(start, end);
  const isCued = (kinds: number): boolean => view.cues.near(kinds, start, end, 56, 24);
  const entity = nationalWord(word);
  if (entity !== undefined && (word === word.toUpperCase() || isCued(CUE.national)))
    return add(view, entity, start, end);
  if (EXAMPLE_NINO.test(word) && isCued(CUE.national)) return add(view, 'uk_nino', start, end);
  if (PASSPORT.test(word) && isCued(CUE.passport)) return add(view, 'passport', start, end);
  return EXTENDED.test(word) ? numbers(view, start) : -1;
}
