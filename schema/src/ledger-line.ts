import { boundedName } from './bounded-name.ts';
import { MAX_LINE_LENGTH } from './envelope.ts';
import { EnvelopeError } from './envelope-error.ts';
import { ledgerLineText } from './format-ledger-line.ts';
import { INSTANT } from './generated/validate-record.ts';
import { isMac, readMac, TAIL_LENGTH, tailMac } from './mac-text.ts';
import { isObject, parseJson } from './read-json.ts';
import { readCanonicalRecord, readRecord } from './read-record.ts';
import type { AuditRecord } from './record.ts';

/** One line of a ledger file: what was received, as it came, and when. */
export type LedgerLine = {
  readonly record: AuditRecord;
  readonly canonical: string;
  readonly mac: string;
  /** The control plane's clock when it took the record in; an emitter's own clock where there is no server. */
  readonly receivedAt: string;
  /** MAC over received_at and record_mac; see `receivedMac`. */
  readonly receivedMac: string;
};

const MEMBERS: ReadonlySet<string> = new Set([
  'received_at',
  'received_mac',
  'record',
  'record_mac',
]);

// Where things stand in a canonical line: received_at has 27 characters, a MAC 64.
const AT = '{"received_at":"';
const MAC = '","received_mac":"';
const RECORD = '","record":';
const AT_END = AT.length + 27;
const MAC_START = AT_END + MAC.length;
const MAC_END = MAC_START + 64;
const RECORD_START = MAC_END + RECORD.length;

/** Where the parts of a line stand, if it is one: of any other text, no more than pieces of it. */
export const piecesOf = (line: string) => ({
  receivedAt: line.slice(AT.length, AT_END),
  receivedMac: receivedMacOf(line),
  canonical: line.slice(RECORD_START, -TAIL_LENGTH),
  mac: line.slice(-66, -2),
});

export const receivedMacOf = (line: string): string => line.slice(MAC_START, MAC_END);

/**
 * Inverse of `formatLedgerLine`; the MACs are read, not checked. The file may have been tampered with.
 * @throws {EnvelopeError}
 */
export const parseLedgerLine = (line: string): LedgerLine => soundLine(line) ?? anyLine(line);

/** The quick way, for a line in which nothing is wrong. */
function soundLine(line: string): LedgerLine | undefined {
  const mac = tailMac(line);
  if (mac === undefined || !line.startsWith(AT)) return undefined;
  if (!line.startsWith(MAC, AT_END) || !line.startsWith(RECORD, MAC_END)) return undefined;
  const receivedAt = line.slice(AT.length, AT_END);
  const receivedMac = line.slice(MAC_START, MAC_END);
  if (!INSTANT.test(receivedAt) || !isMac(receivedMac)) return undefined;
  const read = readCanonicalRecord(line.slice(RECORD_START, -TAIL_LENGTH));
  return read && { record: read.record, canonical: read.canonical, mac, receivedAt, receivedMac };
}

function anyLine(line: string): LedgerLine {
  if (line.length > MAX_LINE_LENGTH)
    throw new EnvelopeError('too_long', 'line', `is over ${MAX_LINE_LENGTH} characters`);
  const value = parseJson(line);
  if (!isObject(value)) throw new EnvelopeError('not_an_object', 'line', 'is not an object');
  for (const name in value)
    if (!MEMBERS.has(name))
      throw new EnvelopeError(
        'unknown_field',
        boundedName(name),
        'is not a member of a ledger line',
      );
  const { record, canonical } = readRecord(value.record);
  const mac = readMac(value.record_mac, 'record_mac');
  const receivedMac = readMac(value.received_mac, 'received_mac');
  const receivedAt = value.received_at;
  if (typeof receivedAt !== 'string' || !INSTANT.test(receivedAt))
    throw new EnvelopeError(
      'bad_value',
      'received_at',
      'is not an RFC 3339 instant in UTC with six fraction digits',
    );
  if (line !== ledgerLineText(canonical, mac, receivedAt, receivedMac))
    throw new EnvelopeError('not_canonical', 'line', 'is not in canonical form (RFC 8785)');
  return { record, canonical, mac, receivedAt, receivedMac };
}
