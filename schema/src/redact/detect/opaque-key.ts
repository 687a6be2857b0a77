import type { BuiltInEntity } from '../entity.ts';
import { add, type View } from '../view.ts';

const OPAQUE = new Uint8Array(128);
for (const char of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-+/=.~')
  OPAQUE[char.charCodeAt(0)] = 1;
const isOpaque = (code: number): boolean => code < 128 && OPAQUE[code] === 1;

const NAMED =
  /(?:api[ _-]?key|apikey|access[ _-]?key(?:[ _-]?id)?|secret(?:[ _-]?(?:key|access[ _-]?key))?|token|bearer|auth[ _-]?key|account[ _-]?key|shared[ _-]?access[ _-]?key|subscription[ _-]?key|client[ _-]?secret|credentials?|password|passwd|pwd)["'`]?\s{0,3}(?:is|was|:=|=>|=|:)?\s{0,3}["'`]?$/i;
const MIN_LENGTH = 16;
const MAX_LENGTH = 512;

/** Something long without words that is called a key right before it. @returns its end, or -1. */
export function opaqueKey(view: View, at: number): number {
  const { text } = view;
  // Each run is judged once, however many digits it has.
  if (at < view.opaqueEnd) return -1;
  let start = at;
  const floor = Math.max(view.free, view.opaqueEnd);
  while (start > floor && isOpaque(text.charCodeAt(start - 1))) start--;
  let end = at;
  while (isOpaque(text.charCodeAt(end))) end++;
  view.opaqueEnd = end;
  // `NAME=value`: the name is not a part of it, but `=` at the end pads base64.
  for (let sign = start; sign < end - 2; sign++) if (text.charCodeAt(sign) === 61) start = sign + 1;
  while (end > start && text.charCodeAt(end - 1) === 46) end--;
  if (end - start < MIN_LENGTH || end - start > MAX_LENGTH) return -1;
  const before = text.slice(Math.max(view.free, start - 48), start);
  if (!NAMED.test(before)) return -1;
  const value = text.slice(start, end);
  return isRandom(value) ? add(view, entityOf(before, value), start, end) : -1;
}

/** Three digits at least and letters among them, and no sentence of hyphens and dots. */
function isRandom(value: string): boolean {
  const digits = value.replace(/\D/g, '').length;
  const joiners = value.replace(/[^-._/]/g, '').length;
  if (/[a-z]/.test(value) && /[A-Z]/.test(value) && value.length >= 32 && joiners < 4) return true;
  return digits >= 3 && /[A-Za-z]/.test(value) && joiners * 6 <= value.length;
}

function entityOf(before: string, value: string): BuiltInEntity {
  if (/aws|amazon|secret[ _-]?access[ _-]?key/i.test(before) && value.length === 40)
    return 'aws_key';
  if (/azure|account[ _-]?key|shared[ _-]?access|subscription[ _-]?key/i.test(before))
    return 'azure_key';
  return 'api_key';
}
