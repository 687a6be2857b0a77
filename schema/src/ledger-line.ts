import { EnvelopeError, isObject, parseJson, readMac, readRecord } from './envelope.ts';
import { ledgerLineText } from './format-ledger-line.ts';
import { INSTANT } from './generated/validate-record.ts';
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

/**
 * Inverse of `formatLedgerLine`; the MACs are read, not checked. The file may have been tampered with.
 * @throws {EnvelopeError}
 */
export function parseLedgerLine(line: string): LedgerLine {
  const value = parseJson(line);
  if (!isObject(value)) throw new EnvelopeError('not_an_object', 'line', 'is not an object');
  for (const name in value)
    if (!MEMBERS.has(name))
      throw new EnvelopeError('unknown_field', name, 'is not a member of a ledger line');
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
