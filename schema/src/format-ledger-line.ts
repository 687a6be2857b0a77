import { createHmac, type KeyObject } from 'node:crypto';

/**
 * MAC of what the control plane adds to a record: HMAC-SHA256 over received_at ‖ record_mac, so that no byte of a
 * ledger line is without a key. It binds the time to this record and no other.
 * @param key from `receivedKey(apiKey)`.
 */
export const receivedMac = (key: KeyObject, receivedAt: string, recordMac: string): string =>
  createHmac('sha256', key)
    .update(receivedAt + recordMac)
    .digest('hex');

/**
 * Canonical text of a ledger line, without its newline.
 * @param received key of the API key that the record came under, from `receivedKey(apiKey)`.
 */
export const formatLedgerLine = (
  canonicalRecord: string,
  recordMac: string,
  receivedAt: string,
  received: KeyObject,
): string =>
  ledgerLineText(
    canonicalRecord,
    recordMac,
    receivedAt,
    receivedMac(received, receivedAt, recordMac),
  );

export const ledgerLineText = (
  canonicalRecord: string,
  recordMac: string,
  receivedAt: string,
  mac: string,
): string =>
  `{"received_at":"${receivedAt}","received_mac":"${mac}","record":${canonicalRecord},"record_mac":"${recordMac}"}`;
