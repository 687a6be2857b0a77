// Classes of ASCII characters as bits; beyond ASCII the letters of Latin-1 and Latin Extended count as letters.
export const DIGIT = 1;
export const UPPER = 2;
export const LOWER = 4;
export const HEX = 8;
const UNDERSCORE = 16;
export const LETTER = UPPER | LOWER;
export const WORD = DIGIT | LETTER | UNDERSCORE;

const CLASSES = new Uint8Array(128);
for (let code = 48; code <= 57; code++) CLASSES[code] = DIGIT | HEX;
for (let code = 65; code <= 90; code++) CLASSES[code] = UPPER | (code <= 70 ? HEX : 0);
for (let code = 97; code <= 122; code++) CLASSES[code] = LOWER | (code <= 102 ? HEX : 0);
CLASSES[95] = UNDERSCORE;

/** @param code NaN, as `charCodeAt` gives outside the text, has no class. */
export function classOf(code: number): number {
  if (code < 128) return CLASSES[code] ?? 0;
  return code >= 0xc0 && code <= 0x24f ? LOWER : 0;
}

export function is(text: string, at: number, classes: number): boolean {
  return (classOf(text.charCodeAt(at)) & classes) !== 0;
}

/** The first place from `at` on, at most `limit` away, that is not of the classes. */
export function runEnd(text: string, at: number, classes: number, limit = text.length): number {
  const last = Math.min(text.length, at + limit);
  let end = at;
  while (end < last && (classOf(text.charCodeAt(end)) & classes) !== 0) end++;
  return end;
}

/** The start of the run of these classes that ends before `at`; it goes back at most `limit`, and never before `from`. */
export function runStart(
  text: string,
  at: number,
  classes: number,
  limit: number,
  from = 0,
): number {
  const first = Math.max(from, at - limit);
  let start = at;
  while (start > first && (classOf(text.charCodeAt(start - 1)) & classes) !== 0) start--;
  return start;
}

/** Three characters from `at` on as one number, which is quicker to look up than a text; -1: one is beyond Latin-1, or there is none. */
export function tripleAt(text: string, at: number): number {
  const [first, second, third] = [
    text.charCodeAt(at),
    text.charCodeAt(at + 1),
    text.charCodeAt(at + 2),
  ];
  return first < 256 && second < 256 && third < 256 ? (first << 16) | (second << 8) | third : -1;
}

export const triplesOf = (words: readonly string[]): ReadonlySet<number> =>
  new Set(words.map((word) => tripleAt(word, 0)).filter((triple) => triple >= 0));
