import { is, LETTER } from './characters.ts';
import type { Part } from './scan.ts';

/** No detector looks farther from where a value begins than this, but along what it reads: digits, or a word without a space. */
const REACH = 256;

/** Where there may be something new once values have become labels: around each, as far as anything there can be seen. */
export function partsAround(text: string, labels: readonly Part[]): readonly Part[] {
  const parts: { from: number; to: number }[] = [];
  for (const label of labels) {
    const last = parts.at(-1);
    const floor = last?.to ?? 0;
    let from = Math.max(floor, label.from - REACH);
    while (from > floor && !isApart(text, from - 1)) from--;
    let to = Math.max(floor, Math.min(text.length, label.to + REACH));
    while (to < text.length && !isApart(text, to)) to++;
    if (last !== undefined && from <= last.to) last.to = to;
    else parts.push({ from, to });
  }
  return parts;
}

/** A space or a line's end with letters on both sides: neither a number nor a key goes on across it. */
function isApart(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return (code === 32 || code === 10) && is(text, at - 1, LETTER) && is(text, at + 1, LETTER);
}
