import { classOf, DIGIT, is, LETTER, runEnd, runStart, UPPER, WORD } from './characters.ts';
import { email } from './detect/email.ts';
import { ipv6 } from './detect/ipv6.ts';
import { macEnd } from './detect/mac-address.ts';
import { isEscape } from './detect/number-edges.ts';
import { addressOrBirth, numbers } from './detect/numbers.ts';
import { privateKeyEnd } from './detect/private-key.ts';
import { beginsSecret, secretEnd } from './detect/secrets.ts';
import { urlCredentialsEnd } from './detect/url-credentials.ts';
import { words } from './detect/words.ts';
import { createView, type Found, type View } from './view.ts';

// What a character may be the beginning or the middle of. All others, nearly all of most texts, are passed over.
const NOTHING = 0;
const NUMBER = 1;
const AT = 2;
const COLON = 3;
const JOINER = 4;
const KINDS = new Uint8Array(128);
for (let code = 48; code <= 57; code++) KINDS[code] = NUMBER;
KINDS[64] = AT;
KINDS[58] = COLON;
KINDS[45] = JOINER;
KINDS[95] = JOINER;
const ANY = /[\d@:_-]/g;

/** Where nothing comes soon, the engine's own search is faster than a loop; where much comes, slower. */
const SOON = 8;

/**
 * All values in the text, in order and apart. Each place is looked at a bounded number of times: what looks back stops at what
 * was looked at before, what looks ahead has a limit or is passed over afterwards.
 * @param hint what the place of the text says about it, from `hintOf`.
 */
export function scan(text: string, hint = 0): readonly Found[] {
  return scanParts(text, hint, [{ from: 0, to: text.length }]);
}

/** A part of a text: it begins and ends where no value goes on. */
export type Part = { readonly from: number; readonly to: number };

/** The same for what begins in one of the parts, which are in order and apart; what is around them is seen. */
export function scanParts(text: string, hint: number, parts: readonly Part[]): readonly Found[] {
  const view = createView(text, hint);
  let at = 0;
  for (const { from, to } of parts) at = scanPart(view, Math.max(from, at), to);
  lettersOnly(view);
  return view.found;
}

/** @returns how far it has looked. */
function scanPart(view: View, from: number, to: number): number {
  const { text } = view;
  let at = from;
  let quiet = 0;
  while (at < to) {
    const code = text.charCodeAt(at);
    const kind = code < 128 ? KINDS[code] : NOTHING;
    if (kind === NOTHING) {
      at++;
      if (++quiet < SOON) continue;
      ANY.lastIndex = at;
      if (!ANY.test(text)) return text.length;
      at = ANY.lastIndex - 1;
      quiet = 0;
      continue;
    }
    quiet = 0;
    if (kind === NUMBER) at = number(view, at);
    else if (kind === AT) at = email(view, at);
    else if (kind === COLON) at = colon(view, at);
    else at = joiner(view, at);
  }
  return at;
}

function number(view: View, at: number): number {
  const { text } = view;
  const end = runEnd(text, at, DIGIT);
  const isInWord = is(text, at - 1, LETTER) && !isEscape(text, at - 2);
  if (isInWord || is(text, end, LETTER)) return Math.max(end, inWord(view, at, end, isInWord));
  // 00-1B-44-11-3A-B7: its first hyphen is between digits.
  const mac = end - at === 2 && text.charCodeAt(end) === 45 ? macEnd(view, end) : -1;
  if (mac >= 0) return mac;
  const known = addressOrBirth(view, at);
  return known >= 0 ? known : numbers(view, at);
}

function inWord(view: View, at: number, end: number, isInside: boolean): number {
  const key = keyAround(view, at);
  if (key >= 0) return key;
  // 221B Baker Street, 1st of May 1980.
  const known = isInside || end - at > 4 ? -1 : addressOrBirth(view, at);
  return known >= 0 ? known : words(view, at);
}

function colon(view: View, at: number): number {
  const { text } = view;
  const next = text.charCodeAt(at + 1);
  if (next === 47) return Math.max(at + 1, urlCredentialsEnd(view, at));
  if (next !== 58 && !is(text, at + 1, 8)) return at + 1;
  const mac = macEnd(view, at);
  return mac >= 0 ? mac : Math.max(at + 1, ipv6(view, at));
}

function joiner(view: View, at: number): number {
  const { text } = view;
  const next = text.charCodeAt(at + 1);
  if (next === 45) return Math.max(at + 1, privateKeyEnd(view, at));
  const key = keyAround(view, at);
  return key >= 0 ? key : Math.max(at + 1, macEnd(view, at));
}

/** A key of which `at` is the first character that is no letter. */
function keyAround(view: View, at: number): number {
  const start = runStart(view.text, at, LETTER | DIGIT, 64, view.free);
  const before = view.text.charCodeAt(start - 1);
  // What is before it may be of the same run: to begin inside of one would read it again and again.
  if ((classOf(before) & WORD) !== 0 || before === 45) return -1;
  return beginsSecret(view.text.charCodeAt(start), view.text.charCodeAt(start + 1))
    ? secretEnd(view, start)
    : -1;
}

/** One id of AWS in thirty has no digit, nor anything else that the scan stops at. */
function lettersOnly({ text, found }: View): void {
  const more: Found[] = [];
  for (const prefix of ['AKIA', 'ASIA']) {
    let next = 0;
    for (let at = text.indexOf(prefix); at >= 0; at = text.indexOf(prefix, at + 4)) {
      const end = is(text, at - 1, WORD) ? at : runEnd(text, at, UPPER, 21);
      if (end - at !== 20 || is(text, end, WORD)) continue;
      while ((found[next]?.end ?? Number.POSITIVE_INFINITY) <= at) next++;
      if ((found[next]?.start ?? end) >= end) more.push({ start: at, end, entity: 'aws_key' });
    }
  }
  if (more.length === 0) return;
  found.push(...more);
  found.sort((one, other) => one.start - other.start);
}
