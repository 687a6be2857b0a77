import { isUtf8 } from 'node:buffer';
import { fit, type Written } from './fit.ts';

const MAX_VALUE = 4096;
// Bytes as Latin-1: a well-formed sequence (Unicode, table 3-7) that is no backslash, or else any one byte.
const UNITS =
  /[\0-[\]-\x7f]|[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|\xed[\x80-\x9f][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2}|[\0-\xff]/g;

/** The value of a commitment: a name or a path; undefined when it is empty. */
export function writtenValue(text: string): Written | undefined {
  if (text === '') return undefined;
  const whole = text.toWellFormed();
  return whole.length <= MAX_VALUE ? { text: whole } : fit(whole, MAX_VALUE);
}

/** The same of bytes, such as those of a path, that need not be UTF-8. */
export const writtenBytes = (bytes: Uint8Array): Written | undefined =>
  isUtf8(bytes)
    ? writtenValue(Buffer.from(bytes).toString())
    : fit(unitsOf(Buffer.from(bytes).toString('latin1')), MAX_VALUE);

function* unitsOf(latin1: string): Generator<string> {
  for (const [unit] of latin1.matchAll(UNITS)) {
    const code = unit.charCodeAt(0);
    const isEscaped = unit === '\\' || (unit.length === 1 && code > 0x7f);
    yield isEscaped ? `\\x${code.toString(16)}` : Buffer.from(unit, 'latin1').toString();
  }
}
