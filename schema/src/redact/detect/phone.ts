import { classOf, WORD } from '../characters.ts';
import { CUE } from '../cues.ts';
import { PHONE_LENGTHS } from '../generated/phone-lengths.ts';
import type { View } from '../view.ts';
import { type Cluster, digitsOf, lengthsOf } from './cluster.ts';
import { isWrittenDate } from './date-of-birth.ts';
import { endsValue } from './number-edges.ts';

export type PhoneHit = { readonly start: number; readonly end: number; readonly last: number };

const MAX_GROUPS = 8;
/** Fifteen digits, a prefix, and what is between them. */
const MAX_LENGTH = 30;
const PLUS = 43;
const OPEN = 40;

/** A number of a telephone that starts with this group, the longest that may be one. */
export function phoneAt(view: View, cluster: Cluster, group: number): PhoneHit | undefined {
  const { text } = view;
  const { starts, ends, gaps } = cluster;
  const first = starts[group] ?? 0;
  // One of a row of numbers is none, unless something says so: most rows are done with here.
  const isRow = gaps[group - 1] === ' ' && gaps[group] === ' ';
  if (isRow && !view.cues.near(CUE.phone, first, first, 48, 60)) return undefined;
  let size = 0;
  let widest = group;
  while (
    widest < Math.min(starts.length, group + MAX_GROUPS) &&
    (ends[widest] ?? 0) - first <= MAX_LENGTH
  ) {
    size += (ends[widest] ?? 0) - (starts[widest] ?? 0);
    widest++;
  }
  if (size < 7) return undefined;
  const lead = leadOf(text, first, gaps[group]);
  if (lead.isInternational && !beginsWithCode(text, cluster, group)) return undefined;
  const isWide = lead.isInternational || lead.isOpen || text.charCodeAt(first) === 48;
  let cued: boolean | undefined;
  const isCued = (): boolean => {
    cued ??= isNamed(view, first, ends[widest - 1] ?? first);
    return cued;
  };
  for (let last = widest - 1; last >= group; last--) {
    const end = ends[last] ?? 0;
    // Without a word near it, only numbers as long as these are known by their groups.
    if (!isWide && !LENGTHS.has(size) && !isCued()) {
      size -= end - (starts[last] ?? 0);
      continue;
    }
    size -= end - (starts[last] ?? 0);
    const extension = extensionEnd(text, end);
    if (extension === end && !endsValue(text, end)) continue;
    const digits = digitsOf(text, cluster, group, last);
    if (digits.length < 7) break;
    if (digits.length > 17) continue;
    const isPhone = lead.isInternational
      ? isInternational(digits)
      : isNational(view, cluster, group, last, digits, lead.isOpen, isCued);
    if (isPhone) return { start: lead.start, end: extension, last };
  }
  return undefined;
}

type Lead = { readonly start: number; readonly isInternational: boolean; readonly isOpen: boolean };

/** `+`, `(` and `(+` before the digits are a part of the number. */
function leadOf(text: string, first: number, gap: string | undefined): Lead {
  const before = text.charCodeAt(first - 1);
  const closes = gap?.includes(')') === true;
  if (before === PLUS && (classOf(text.charCodeAt(first - 2)) & WORD) === 0) {
    const isWrapped = closes && text.charCodeAt(first - 2) === OPEN;
    return { start: first - (isWrapped ? 2 : 1), isInternational: true, isOpen: false };
  }
  if (before === OPEN && closes) {
    const isPlus = text.charCodeAt(first - 2) === PLUS;
    return { start: first - (isPlus ? 2 : 1), isInternational: isPlus, isOpen: !isPlus };
  }
  return { start: first, isInternational: false, isOpen: false };
}

const EXTENSION = /,? ?(?:x|ext\.?|extension|#) ?\d{1,6}(?!\w)/iy;

function extensionEnd(text: string, end: number): number {
  const code = text.charCodeAt(end);
  if (code !== 32 && code !== 44 && code !== 35 && (code | 32) !== 120 && (code | 32) !== 101)
    return end;
  EXTENSION.lastIndex = end;
  return EXTENSION.test(text) ? EXTENSION.lastIndex : end;
}

let lengths: Map<string, ReadonlySet<number>> | undefined;

/** By calling code, how many digits the numbers behind it have. */
function lengthsOfCode(code: string): ReadonlySet<number> | undefined {
  lengths ??= new Map(
    PHONE_LENGTHS.split(';').map((row) => {
      const [one = '', sizes = ''] = row.split(':');
      return [one, new Set(sizes.split(',').map(Number))];
    }),
  );
  return lengths.get(code);
}

/** By the digits that calling codes are, as numbers. */
let codes: Uint8Array | undefined;

/** Without making a text of the digits: most numbers behind a plus that are none are done with here. */
function beginsWithCode(text: string, { starts, ends }: Cluster, group: number): boolean {
  codes ??= Uint8Array.from({ length: 1000 }, (_, code) =>
    lengthsOfCode(String(code)) === undefined ? 0 : 1,
  );
  let code = 0;
  for (let at = group, left = 3; left > 0 && at < starts.length; at++)
    for (let place = starts[at] ?? 0; left > 0 && place < (ends[at] ?? 0); place++, left--) {
      code = code * 10 + text.charCodeAt(place) - 48;
      // No code begins with 0, and `049` is not `49`.
      if (code === 0) return false;
      if (codes[code] === 1) return true;
    }
  return false;
}

/** No calling code begins another: the digits begin with one at most. */
function callingCode(digits: string): string | undefined {
  for (let size = 1; size <= 3; size++)
    if (lengthsOfCode(digits.slice(0, size)) !== undefined) return digits.slice(0, size);
  return undefined;
}

/** Whether digits behind `+` are a calling code and as many digits as numbers of that country have. */
function isInternational(digits: string): boolean {
  const code = callingCode(digits);
  const known = code === undefined ? undefined : lengthsOfCode(code);
  if (code === undefined || known === undefined) return false;
  const rest = digits.slice(code.length);
  // Many write the prefix of their country's own calls into it: +44 (0)20 …
  return known.has(rest.length) || (rest.startsWith('0') && known.has(rest.length - 1));
}

function isNational(
  view: View,
  cluster: Cluster,
  group: number,
  last: number,
  digits: string,
  isOpen: boolean,
  isCued: () => boolean,
): boolean {
  const start = cluster.starts[group] ?? 0;
  const end = cluster.ends[last] ?? 0;
  const gaps = cluster.gaps.slice(group, last);
  const written = view.text.slice(start, end);
  if (isWrittenDate(written) || LEADING_DATE.test(written)) return false;
  if (!digits.startsWith('06') && gaps.some((gap, index) => gap === '/' && index > 0)) return false;
  if (gaps.length === 1 && (gaps[0] === '.' || YEARS.test(written))) return false;
  if (digits.startsWith('00') && digits.length >= 10 && isInternational(digits.slice(2)))
    return true;
  if (digits.length > 15 || (gaps.length === 0 && DAY.test(digits))) return false;
  const shape = lengthsOf(cluster, group, last).join('-');
  const isInRow = cluster.gaps[group - 1] === ' ' || cluster.gaps[last] === ' ';
  const isSpaced = gaps.every((gap) => gap === ' ');
  // A row of numbers is none, unless something says so.
  if (gaps.length > 0 && !(isInRow && isSpaced) && isKnownShape(shape, digits, gaps, isOpen))
    return true;
  if (gaps.length === 0 && isTrunkPlain(digits)) return !isOther(view, start);
  return isCued();
}

function isOther({ cues }: View, start: number): boolean {
  return cues.near(CUE.other, start, start, 6, 0) && !cues.near(CUE.phone, start, start, 16, 0);
}

function isNamed(view: View, start: number, end: number): boolean {
  return view.cues.near(CUE.phone, start, end, 48, 28) && !isOther(view, start);
}

const LENGTHS = new Set([10, 11, 13]);
const LEADING_DATE =
  /^(?:\d{1,2}[-/.]\d{1,2}[-/.](?:19|20)\d\d|(?:19|20)\d\d[-/.]\d{1,2}[-/.]\d{1,2})(?!\d)/;

const DAY = /^(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])$/;
const YEARS = /^(?:19|20)\d\d.{1,3}(?:19|20)\d\d$/;

/** A run that starts with one 0, as long as numbers are inside many countries. */
function isTrunkPlain(digits: string): boolean {
  return /^0[1-9]\d{8,9}$/.test(digits);
}

/** Ways of grouping that only numbers of telephones have. */
function isKnownShape(
  shape: string,
  digits: string,
  gaps: readonly string[],
  isOpen: boolean,
): boolean {
  const isSpaced = gaps.every((gap) => gap === ' ' || gap === '\u00a0');
  if (isOpen) return digits.length >= 8 && digits.length <= 12 && !/^(?:19|20)\d\d-/.test(shape);
  if (shape === '3-3-4' || shape === '1-3-3-4' || shape === '3-3-3-4') {
    const ten = digits.slice(-10);
    if (digits.length === 13 && !digits.startsWith('001')) return false;
    if (digits.length === 11 && !/^[1078]/.test(digits)) return false;
    return isSpaced ? /^[02-9]\d\d\d/.test(ten) : true;
  }
  if (digits.startsWith('0')) return isTrunkShape(shape, digits, gaps);
  if (gaps.some((gap) => gap.includes('('))) return /^[1789]-/.test(shape) && digits.length === 11;
  if (!gaps.every((gap) => gap === gaps[0]))
    return shape === '1-3-3-2-2' || shape === '2-5-4' || shape === '2-4-4';
  if (gaps[0] === '.') return shape === '2-2-2-2-2';
  return (
    (shape === '5-5' && /^[6-9]/.test(digits)) ||
    (shape === '3-4-4' && /^1[3-9]/.test(digits)) ||
    (shape === '1-3-3-2-2' && /^[78]/.test(digits))
  );
}

function isTrunkShape(shape: string, digits: string, gaps: readonly string[]): boolean {
  if (digits.length < 9 || digits.length > 12 || /^00/.test(digits)) return false;
  // 0.123 456 is a decimal, 0-306-40615-2 a book, 0 179 313 550 a row.
  return !shape.startsWith('1-') || (digits.length === 11 && gaps[0] !== '.' && gaps[0] !== '-');
}
