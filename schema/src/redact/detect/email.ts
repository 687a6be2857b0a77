import { classOf, WORD } from '../characters.ts';
import { add, type View } from '../view.ts';
import { isEscape } from './number-edges.ts';

const LOCAL = ".!#$%&'*+/=?^`{|}~-";
const MAX_LOCAL = 64;
const DOMAIN =
  /(?:[a-z0-9\u00c0-\u024f](?:[a-z0-9\u00c0-\u024f-]{0,61}[a-z0-9\u00c0-\u024f])?\.){1,8}(?:xn--[a-z0-9-]{2,59}|[a-z]{2,24})(?![a-z0-9_-])/iy;
const LITERAL = /\[(?:\d{1,3}\.){3}\d{1,3}\]/y;
// `icon@2x.png` and `main@app.js` are files.
const FILE =
  /\.(?:png|jpe?g|gif|svg|webp|avif|ico|js|mjs|cjs|ts|tsx|jsx|css|scss|html?|json|ya?ml|md|txt|log|py|rb|go|java|so|service|timer|socket)$/i;

/** An address around the `@` at `at`. @returns where the scan goes on. */
export function email(view: View, at: number): number {
  const { text } = view;
  const start = localStart(text, at, Math.max(view.atEnd, 0));
  view.atEnd = at + 1;
  if (start === at) return at + 1;
  const end = domainEnd(text, at + 1);
  if (end < 0) return at + 1;
  // git@github.com:owner/name is a place, not a person.
  if (text.charCodeAt(end) === 58 && text.slice(start, at) === 'git') return end;
  return FILE.test(text.slice(at, end)) ? end : add(view, 'email', start, end);
}

function domainEnd(text: string, start: number): number {
  for (const pattern of [DOMAIN, LITERAL]) {
    pattern.lastIndex = start;
    if (pattern.test(text)) return pattern.lastIndex;
  }
  return -1;
}

function localStart(text: string, at: number, from: number): number {
  const first = Math.max(from, at - MAX_LOCAL);
  let start = at;
  while (start > first && isLocal(text.charCodeAt(start - 1), text.charAt(start - 1))) start--;
  // What quotes, lists and Markdown put before an address is not a part of it.
  while (start < at && (classOf(text.charCodeAt(start)) & WORD) === 0) start++;
  if (isEscape(text, start - 1)) start++;
  // `to=someone@…` in a query or a log.
  for (let sign = start; sign < at; sign++) if (text.charCodeAt(sign) === 61) start = sign + 1;
  return text.charCodeAt(at - 1) === 46 ? at : start;
}

function isLocal(code: number, char: string): boolean {
  return (classOf(code) & WORD) !== 0 || LOCAL.includes(char);
}
