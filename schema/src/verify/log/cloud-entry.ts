import { INSTANT } from '../../generated/validate-record.ts';

const OPENING = '{"commit_timestamp":"';
const INSTANT_LENGTH = '2026-01-02T03:04:05.000000Z'.length;
const MAC = /^\{("received_at":"[^"]{27}",)"received_mac":"[0-9a-f]{64}",/;

/**
 * What a line of an exported ledger must be in a log of cloud mode, where a leaf says when the row was committed and a line how
 * the file chains it: schema/log.md, section 5.
 * @param line without its newline. May be an attacker's, as `entry` may.
 * @param entry in its place; only its commit timestamp is taken.
 * @returns undefined where nothing can be made of them.
 */
export function cloudEntryOf(line: Uint8Array, entry: Uint8Array): Uint8Array | undefined {
  const from = OPENING.length;
  const time = Buffer.from(entry.subarray(from, from + INSTANT_LENGTH)).toString('latin1');
  const text = Buffer.from(line).toString('latin1');
  const [start, receivedAt] = MAC.exec(text) ?? [];
  if (start === undefined || !INSTANT.test(time)) return undefined;
  return Buffer.from(`${OPENING}${time}",${receivedAt}${text.slice(start.length)}`, 'latin1');
}
