import * as crypto from 'node:crypto';
import { hmacSha256 } from './hmac.ts';

const RECORD_PREFIX = 'vantio/record/v1\0';

// crypto.hash (Node 20.12) skips the hash object; the older door stays for runtimes without it.
const sha256Hex: (data: string) => string =
  typeof crypto.hash === 'function'
    ? (data) => crypto.hash('sha256', data, 'hex')
    : (data) => crypto.createHash('sha256').update(data).digest('hex');

/** RecordHash: SHA-256("vantio/record/v1\0" ‖ canonical record), 64 hex digits. */
export const recordHash = (canonicalRecord: string): string =>
  sha256Hex(RECORD_PREFIX + canonicalRecord);

const derivedKey = (apiKey: string, info: string): crypto.KeyObject =>
  crypto.createSecretKey(Buffer.from(crypto.hkdfSync('sha256', apiKey, '', info, 32)));

/** Key of the record MAC: HKDF-SHA256(API key, no salt, "vantio/record/v1"), 32 bytes. */
export const recordKey = (apiKey: string): crypto.KeyObject =>
  derivedKey(apiKey, 'vantio/record/v1');

/** Key of the received MAC: HKDF-SHA256(API key, no salt, "vantio/received/v1"), 32 bytes. */
export const receivedKey = (apiKey: string): crypto.KeyObject =>
  derivedKey(apiKey, 'vantio/received/v1');

/** HMAC-SHA256 over the canonical record, 64 hex digits. */
export const recordMac = (key: crypto.KeyObject, canonicalRecord: string): string =>
  hmacSha256(key, canonicalRecord);

/** `x-vantio-signature`: HMAC-SHA256 over the trace id, keyed by the API key's ASCII bytes; it proves no storage. */
export const traceSignature = (apiKey: string, traceId: string): string =>
  crypto.createHmac('sha256', apiKey).update(traceId).digest('hex');

/** Compares two hex digests without telling by its time where they differ. */
export const equalDigests = (a: string, b: string): boolean =>
  a.length === b.length &&
  crypto.timingSafeEqual(Buffer.from(a, 'latin1'), Buffer.from(b, 'latin1'));
