import { HEX, is } from '../characters.ts';

/** Why a text is not JSON; what it held is not said. */
export class JsonFormatError extends Error {
  override readonly name = 'JsonFormatError';
}

/** Where a string is: the key it stands under, and what the visitor said of the value that it is in. */
export type Visitor<Place> = {
  /** The place of a member's value; undefined: nothing in it is content, pass over it. */
  readonly member: (place: Place, key: string) => Place | undefined;
  readonly element: (place: Place, index: number) => Place | undefined;
  /** A string's raw text is between its quotes, from `start` to `end`. */
  readonly string: (place: Place, start: number, end: number, hasEscape: boolean) => void;
};

const MAX_DEPTH = 512;

/**
 * Goes over JSON in its own text, checking it against RFC 8259, and shows each string of what the visitor does not pass over.
 * Nothing is parsed into values: numbers, order, spacing and keys that come twice stay as they are.
 * @throws JsonFormatError
 */
export function walkJson<Place>(text: string, root: Place, visitor: Visitor<Place>): void {
  let at = 0;

  const fail = (): never => {
    throw new JsonFormatError(`not JSON at character ${at}`);
  };
  const space = (): void => {
    for (;;) {
      const code = text.charCodeAt(at);
      if (code !== 32 && code !== 10 && code !== 13 && code !== 9) return;
      at++;
    }
  };

  const escapeEnd = (start: number): number => {
    const code = text.charCodeAt(start + 1);
    if (code === 117) {
      for (let digit = start + 2; digit < start + 6; digit++) if (!isHex(text, digit)) fail();
      return start + 6;
    }
    if (code >= 128 || ESCAPES[code] !== 1) fail();
    return start + 2;
  };

  // Where the next of each is, as far as it was looked for: each part of the text is searched once, by the engine's own search.
  let nextControl = -1;
  let nextEscape = -1;

  /** Passes the string whose opening quote is at `at`; @returns whether it has an escape. */
  const string = (): boolean => {
    const start = at + 1;
    let hasEscape = false;
    let end = text.indexOf('"', start);
    for (let from = start; ; ) {
      if (end < 0) fail();
      if (nextEscape < from) nextEscape = placeOf(text.indexOf('\\', from));
      if (nextEscape > end) break;
      hasEscape = true;
      from = escapeEnd(nextEscape);
      if (from > end) end = text.indexOf('"', from);
    }
    if (nextControl < start) {
      CONTROL.lastIndex = start;
      nextControl = CONTROL.test(text) ? CONTROL.lastIndex - 1 : Number.POSITIVE_INFINITY;
    }
    if (nextControl < end) fail();
    at = end + 1;
    return hasEscape;
  };

  const value = (place: Place | undefined, depth: number): void => {
    if (depth > MAX_DEPTH) fail();
    switch (text.charCodeAt(at)) {
      case 34: {
        const start = at + 1;
        const hasEscape = string();
        if (place !== undefined) visitor.string(place, start, at - 1, hasEscape);
        return;
      }
      case 123:
        object(place, depth);
        return;
      case 91:
        array(place, depth);
        return;
      default:
        SCALAR.lastIndex = at;
        if (!SCALAR.test(text)) fail();
        at = SCALAR.lastIndex;
    }
  };

  const object = (place: Place | undefined, depth: number): void => {
    at++;
    space();
    if (text.charCodeAt(at) === 125) {
      at++;
      return;
    }
    for (;;) {
      if (text.charCodeAt(at) !== 34) fail();
      const start = at;
      const hasEscape = string();
      const raw = text.slice(start, at);
      space();
      if (text.charCodeAt(at++) !== 58) fail();
      space();
      const key = hasEscape ? String(JSON.parse(raw)) : raw.slice(1, -1);
      value(place === undefined ? undefined : visitor.member(place, key), depth + 1);
      space();
      const code = text.charCodeAt(at++);
      if (code === 125) return;
      if (code !== 44) fail();
      space();
    }
  };

  const array = (place: Place | undefined, depth: number): void => {
    at++;
    space();
    if (text.charCodeAt(at) === 93) {
      at++;
      return;
    }
    for (let index = 0; ; index++) {
      value(place === undefined ? undefined : visitor.element(place, index), depth + 1);
      space();
      const code = text.charCodeAt(at++);
      if (code === 93) return;
      if (code !== 44) fail();
      space();
    }
  };

  space();
  value(root, 0);
  space();
  if (at !== text.length) fail();
}

const CONTROL = /[\u0000-\u001f]/g;
const placeOf = (found: number): number => (found < 0 ? Number.POSITIVE_INFINITY : found);
// What may follow a backslash, but for the `u` of a code unit.
const ESCAPES = new Uint8Array(128);
for (const sign of '"\\/bfnrt') ESCAPES[sign.charCodeAt(0)] = 1;
const isHex = (text: string, at: number): boolean => is(text, at, HEX);
const SCALAR = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;
