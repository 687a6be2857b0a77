import { HEX, is, WORD } from '../characters.ts';
import { add, type View } from '../view.ts';

const MAC = /(?:[0-9a-f]{2}([:-]))(?:[0-9a-f]{2}\1){4}[0-9a-f]{2}(?![0-9a-f:-])/iy;

/** An address of hardware whose first colon or hyphen is at `at`; -1: none. */
export function macEnd(view: View, at: number): number {
  const { text } = view;
  if (
    !is(text, at - 1, HEX) ||
    !is(text, at - 2, HEX) ||
    is(text, at - 3, WORD) ||
    at - 2 < view.free
  )
    return -1;
  const before = text.charCodeAt(at - 3);
  if (before === 58 || before === 45) return -1;
  MAC.lastIndex = at - 2;
  return MAC.test(text) ? add(view, 'mac_address', at - 2, MAC.lastIndex) : -1;
}

const CISCO = /[0-9a-f]{4}\.[0-9a-f]{4}\.[0-9a-f]{4}(?![0-9a-z.])/iy;

/** `0000.5e00.5301`, as switches print it; there must be a letter, or it is a number. */
export function dottedMacEnd(view: View, start: number): number {
  CISCO.lastIndex = start;
  if (!CISCO.test(view.text) || !/[a-f]/i.test(view.text.slice(start, CISCO.lastIndex))) return -1;
  return add(view, 'mac_address', start, CISCO.lastIndex);
}
