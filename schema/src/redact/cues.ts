import { classOf, LETTER } from './characters.ts';
import { CUE_WORDS } from './cue-words.ts';

/** What words near a value say about it, as bits. */
export const CUE = {
  phone: 1,
  birth: 2,
  passport: 4,
  ssn: 8,
  bsn: 16,
  national: 32,
  key: 64,
  card: 128,
  /** Numbers that are nobody's: orders, tickets, versions. */
  other: 256,
  /** Whose id it is: Poland's PESEL, Germany's tax id. */
  own: 512,
} as const;

export type Cues = {
  /** Whether what is outside the text names one of the kinds. */
  readonly isHinted: (kinds: number) => boolean;
  /** Whether any of the kinds is named within `before` characters before `start`, or `after` behind `end`. */
  readonly near: (
    kinds: number,
    start: number,
    end: number,
    before: number,
    after: number,
  ) => boolean;
};

type Word = { readonly kind: number; readonly pattern: RegExp };

type Table = {
  /** By the first two characters: nearly all words are done with after one look. */
  readonly begins: Uint8Array;
  readonly byFirst: ReadonlyMap<number, readonly Word[]>;
};

// Built at the first use: a text without numbers never needs it.
let table: Table | undefined;

const lower = (code: number): number => (code >= 65 && code <= 90 ? code | 32 : code);
const pairOf = (first: number, second: number): number =>
  (first << 7) | (second < 128 ? lower(second) : 0);

function readTable(): Table {
  const begins = new Uint8Array(1 << 14);
  const sources = new Map<number, Map<number, string[]>>();
  for (const name of Object.keys(CUE_WORDS) as (keyof typeof CUE_WORDS)[])
    for (const source of CUE_WORDS[name]) {
      const first = source.charCodeAt(0);
      const second = source.charCodeAt(source.charAt(1) === '\\' ? 2 : 1);
      if (first < 128) begins[pairOf(first, second)] = 1;
      const kinds = sources.get(first) ?? new Map<number, string[]>();
      sources.set(first, kinds);
      kinds.set(CUE[name], [...(kinds.get(CUE[name]) ?? []), source]);
    }
  const byFirst = new Map(
    Array.from(sources, ([first, kinds]): [number, readonly Word[]] => [
      first,
      Array.from(kinds, ([kind, words]) => ({ kind, pattern: new RegExp(words.join('|'), 'iy') })),
    ]),
  );
  return { begins, byFirst };
}

const LABEL = /\[[A-Z][A-Z0-9_]{0,31}(?:[#_][a-z]{1,16})?\]/y;

/** Calls back with each word of a kind that starts in the range. */
function eachCue(
  text: string,
  from: number,
  to: number,
  found: (start: number, end: number, kind: number) => void,
): void {
  let isInWord = (classOf(text.charCodeAt(from - 1)) & LETTER) !== 0;
  for (let at = from; at < to; at++) {
    const code = text.charCodeAt(at);
    // The letter of `\\n`, as source and logs write it, is of no word.
    if (code === 92) {
      isInWord = false;
      at++;
      continue;
    }
    // Nor are those of `[PHONE]`: what was redacted says nothing of what is near it.
    if (code === 91) {
      LABEL.lastIndex = at;
      if (LABEL.test(text)) at = LABEL.lastIndex - 1;
      isInWord = false;
      continue;
    }
    const isLetter = (classOf(code) & LETTER) !== 0;
    // Scripts beyond Latin are written without spaces, or have words few enough.
    if ((isLetter && !isInWord) || code > 0x24f) {
      const end = cueAt(text, at, code, found);
      if (end > at) at = end - 1;
      isInWord = end > at || isLetter;
    } else isInWord = isLetter;
  }
}

function cueAt(
  text: string,
  at: number,
  code: number,
  found: (start: number, end: number, kind: number) => void,
): number {
  table ??= readTable();
  const first = lower(code);
  if (first < 128 && table.begins[pairOf(first, text.charCodeAt(at + 1))] === 0) return at;
  for (const { kind, pattern } of table.byFirst.get(first) ?? []) {
    pattern.lastIndex = at;
    if (!pattern.test(text)) continue;
    found(at, pattern.lastIndex, kind);
    return pattern.lastIndex;
  }
  return at;
}

/** No detector looks farther back. */
const FARTHEST = 64;

/**
 * Words are looked for once, as far as someone asks: however many values ask, each part of the text is read once.
 * @param hint kinds that something outside the text names, such as the key of a JSON member.
 */
export function createCues(text: string, hint: number): Cues {
  const ends: number[] = [];
  const starts: number[] = [];
  const kinds: number[] = [];
  let readTo = 0;

  const read = (from: number, to: number): void => {
    if (to <= readTo) return;
    eachCue(text, Math.max(0, from, readTo), to, (start, end, kind) => {
      if (start < (ends.at(-1) ?? 0)) return;
      starts.push(start);
      ends.push(end);
      kinds.push(kind);
    });
    readTo = to;
  };

  return {
    isHinted: (asked) => (hint & asked) !== 0,
    near: (asked, start, end, before, after) => {
      if ((hint & asked) !== 0) return true;
      // As far back as anyone asks, or a later question would find a gap.
      read(start - FARTHEST, Math.min(text.length, end + after));
      for (let index = starts.length - 1; index >= 0; index--) {
        const at = starts[index] ?? 0;
        if (at >= end + after) continue;
        if ((ends[index] ?? 0) < start - before) return false;
        if (((kinds[index] ?? 0) & asked) !== 0) return true;
      }
      return false;
    },
  };
}

const CAMEL = /(?<=[a-z])(?=[A-Z])/g;
const hints = new Map<string, number>();
const MAX_HINTS = 1000;

/** The kinds that the name of a JSON member stands for: `passportNumber`, `date_of_birth`, `phone`. */
export function hintOf(name: string): number {
  if (name.length > 64) return 0;
  const known = hints.get(name);
  if (known !== undefined) return known;
  let hint = 0;
  const spaced = name.replace(CAMEL, ' ').replace(/[_-]/g, ' ');
  eachCue(spaced, 0, spaced.length, (_start, _end, kind) => {
    hint |= kind;
  });
  if (hints.size < MAX_HINTS) hints.set(name, hint);
  return hint;
}
