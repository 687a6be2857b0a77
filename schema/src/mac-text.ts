import { EnvelopeError } from './envelope-error.ts';

const MAC = /^[0-9a-f]{64}$/;

export const isMac = (text: string): boolean => MAC.test(text);

/** @throws {EnvelopeError} naming the field. */
export function readMac(value: unknown, field: string): string {
  if (value === undefined) throw new EnvelopeError('missing_field', field, 'is required');
  if (typeof value !== 'string' || !isMac(value))
    throw new EnvelopeError('bad_value', field, 'is not 64 lower-case hex digits');
  return value;
}

const OPEN = ',"record_mac":"';
const CLOSE = '"}';
/** Length of the canonical tail that every envelope and ledger line ends in. */
export const TAIL_LENGTH = OPEN.length + 64 + CLOSE.length;

/** The record MAC in the canonical tail of a line, or undefined. */
export function tailMac(line: string): string | undefined {
  const at = line.length - TAIL_LENGTH;
  const mac = line.slice(at + OPEN.length, -CLOSE.length);
  return at > 0 && line.startsWith(OPEN, at) && line.endsWith(CLOSE) && isMac(mac)
    ? mac
    : undefined;
}
