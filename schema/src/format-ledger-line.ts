import type { KeyObject } from 'node:crypto';
import { hmacSha256 } from './hmac.ts';

export type LineParts = {
  /** Canonical text of the record. */
  readonly canonical: string;
  readonly recordMac: string;
  readonly receivedAt: string;
  /** From `receivedKey(apiKey)`, of the API key that the record came under. */
  readonly key: KeyObject;
  /** `received_mac` of the line before it by the same writer, across rotations; `ZERO_HASH` for its first line. */
  readonly previous: string;
};

/**
 * MAC of what the writer of a ledger file adds to a record: HMAC-SHA256 over
 * received_mac of the line before ‖ received_at ‖ record_mac, so that no byte of a line is without a key and no line can
 * be dropped, moved or put in between others.
 */
export const receivedMac = ({
  key,
  previous,
  receivedAt,
  recordMac,
}: Omit<LineParts, 'canonical'>): string => hmacSha256(key, previous + receivedAt + recordMac);

/** Canonical text of a ledger line, without its newline, and the MAC that the next line is chained to. */
export function formatLedgerLine(parts: LineParts): {
  readonly text: string;
  readonly receivedMac: string;
} {
  const mac = receivedMac(parts);
  return {
    text: ledgerLineText(parts.canonical, parts.recordMac, parts.receivedAt, mac),
    receivedMac: mac,
  };
}

export const ledgerLineText = (
  canonicalRecord: string,
  recordMac: string,
  receivedAt: string,
  mac: string,
): string =>
  `{"received_at":"${receivedAt}","received_mac":"${mac}","record":${canonicalRecord},"record_mac":"${recordMac}"}`;
