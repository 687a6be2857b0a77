import { tripleAt } from '../characters.ts';
import { CUE } from '../cues.ts';
import type { View } from '../view.ts';
import { isDay } from './check-digits.ts';

const DATE = /^(\d{1,4})([-/. ])(\d{1,2})\2(\d{1,4})$/;
const year = (text: string): boolean => /^(?:19|20)\d\d$/.test(text) || /^\d\d$/.test(text);

/** Year first, or day and month in either order and the year last. */
export function isWrittenDate(text: string): boolean {
  const [, first = '', , second = '', third = ''] = DATE.exec(text) ?? [];
  if (first.length === 4)
    return year(first) && third.length <= 2 && isDay(Number(second), Number(third));
  if (first.length > 2 || !year(third)) return false;
  return isDay(Number(second), Number(first)) || isDay(Number(first), Number(second));
}

// The first letters of months in the languages that we know; `\p{L}*` is written out, for `u` is slow.
const STEMS =
  'jan|ene|gen|sty|feb|fév|fev|lut|mar|mär|mrt|mrz|apr|avr|abr|kwi|may|mai|mei|mag|maj|jun|juin|giu|cze|jul|juil|lug|lip|aug|aoû|aou|ago|sie|sep|set|wrz|oct|okt|ott|out|paź|nov|lis|dec|dez|déc|dic|gru';
const MONTHS = new Set(STEMS.split('|'));
/** By the first two letters, in few enough bytes to stay at hand: nearly all words are done with after one look. */
const BEGINS = new Int32Array(32);
const bitOf = (second: number): number => (second < 128 ? 1 << (second & 31) : 1);
for (const stem of MONTHS) {
  const first = stem.charCodeAt(0) & 31;
  BEGINS[first] = (BEGINS[first] ?? 0) | bitOf(stem.charCodeAt(1));
}
const IN_LOWER_CASE = 0x202020;
const MONTH_TRIPLES = new Set([...MONTHS].map((stem) => tripleAt(stem, 0) | IN_LOWER_CASE));

function isMonthAt(text: string, at: number): boolean {
  const first = text.charCodeAt(at);
  if (first < 65 || !(first < 128)) return false;
  if (((BEGINS[first & 31] ?? 0) & bitOf(text.charCodeAt(at + 1))) === 0) return false;
  const triple = tripleAt(text, at);
  // Nearly all that is left is no month either, and this is quicker; beyond it are ź, and what case does to signs.
  if (triple >= 0 && !MONTH_TRIPLES.has(triple | IN_LOWER_CASE)) return false;
  return MONTHS.has(text.slice(at, at + 3).toLowerCase());
}

const MONTH = `(?:${STEMS})[a-z\\u00c0-\\u024f]{0,9}\\.?`;
const YEAR = '(?:19|20)\\d\\d(?!\\d)';
const DAY_FIRST = new RegExp(
  `\\d{1,2}(?:st|nd|rd|th|er|\\.|º)?(?: de| of)?[ -]${MONTH},?(?: de| del| of)?[ -]${YEAR}`,
  'iy',
);
const MONTH_FIRST = new RegExp(`${MONTH} \\d{1,2}(?:st|nd|rd|th)?,? ${YEAR}`, 'iy');

/** A date with a month in words around the day at `start`, near a word of birth. @returns its ends. */
export function wordyBirth(view: View, start: number): { start: number; end: number } | undefined {
  const { text } = view;
  if (!isDayNumber(text, start)) return undefined;
  let from = start;
  DAY_FIRST.lastIndex = start;
  let end =
    isMonthNext(text, start) && isNearBirth(view, start) && DAY_FIRST.test(text)
      ? DAY_FIRST.lastIndex
      : -1;
  if (end < 0) {
    from = monthBefore(text, start, view.free);
    if (from < 0 || !isMonthAt(text, from) || !isNearBirth(view, start)) return undefined;
    MONTH_FIRST.lastIndex = from;
    if (!MONTH_FIRST.test(text)) return undefined;
    end = MONTH_FIRST.lastIndex;
  }
  return view.cues.near(CUE.birth, from, end, 48, 24) ? { start: from, end } : undefined;
}

/** A coarse look before the costly one. */
function isNearBirth(view: View, start: number): boolean {
  return view.cues.near(CUE.birth, start, start, 64, 48);
}

/** One or two digits with a space, a comma or an ordinal's ending behind them. */
function isDayNumber(text: string, start: number): boolean {
  const second = text.charCodeAt(start + 1);
  const after = second >= 48 && second <= 57 ? text.charCodeAt(start + 2) : second;
  return (
    after === 32 ||
    after === 44 ||
    after === 45 ||
    after === 46 ||
    after === 0xba ||
    ORDINAL.has(after)
  );
}

/** Within what may be between a day and a month: an ordinal's ending, a point, `de`, `of`. */
function isMonthNext(text: string, start: number): boolean {
  for (let at = start + 1; at < start + 9; at++) {
    const code = text.charCodeAt(at);
    if ((code === 32 || code === 45) && isMonthAt(text, at + 1)) return true;
    if (code < 32) return false;
  }
  return false;
}

const ORDINAL = new Set([115, 110, 114, 116, 101]);

/** Where the word before the day starts; -1: there is none. */
function monthBefore(text: string, start: number, free: number): number {
  let at = start - 1;
  if (text.charCodeAt(at) !== 32) return -1;
  while (
    at > free &&
    start - at < 14 &&
    text.charCodeAt(at - 1) > 45 &&
    text.charCodeAt(at - 1) !== 0xa0
  )
    at--;
  return at < start - 1 ? at : -1;
}
