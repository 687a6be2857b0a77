import * as crypto from 'node:crypto';
import { type CanonicalValue, canonicalize } from './canonical.ts';
import { recordHash } from './hash.ts';
import type { AuditRecord } from './record.ts';

const SESSION_PREFIX = Buffer.from('vantio/session/v1\0');
const ROOT_PREFIX = Buffer.from('vantio/session-root/v1\0');
// SubjectPublicKeyInfo of an Ed25519 key is this prefix and the 32 raw bytes (RFC 8410 section 4).
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');

/** @param raw raw Ed25519 public key, 64 hex digits. */
export const publicKeyFromRaw = (raw: string): crypto.KeyObject =>
  crypto.createPublicKey({
    key: Buffer.concat([SPKI_PREFIX, Buffer.from(raw, 'hex')]),
    format: 'der',
    type: 'spki',
  });

/** @returns the raw public half of an Ed25519 key, 64 hex digits. */
export const rawPublicKey = (key: crypto.KeyObject): string => {
  const half = key.type === 'public' ? key : crypto.createPublicKey(key);
  return half.export({ format: 'der', type: 'spki' }).subarray(SPKI_PREFIX.length).toString('hex');
};

/** A record as it is before its session signature stands in it. */
export type UnsignedRecord = Omit<AuditRecord, 'session_sig'>;

/**
 * What a session key signs: prefix ‖ session_id (16 bytes) ‖ seq (u64, big endian) ‖ RecordHash of the record without
 * its `session_sig`. The record's own type is inside the hash, so a head can never be passed off as an end.
 */
function sessionMessage(record: UnsignedRecord): Buffer {
  const seq = Buffer.alloc(8);
  seq.writeBigUInt64BE(BigInt(record.seq));
  const { session_sig: _, ...unsigned } = record as AuditRecord;
  const hash = recordHash(canonicalize(unsigned as unknown as CanonicalValue));
  return Buffer.concat([
    SESSION_PREFIX,
    Buffer.from(record.session_id, 'hex'),
    seq,
    Buffer.from(hash, 'hex'),
  ]);
}

/** @returns the value of `session_sig`, 128 hex digits. */
export const signSession = (privateKey: crypto.KeyObject, record: UnsignedRecord): string =>
  crypto.sign(null, sessionMessage(record), privateKey).toString('hex');

export const sessionSignatureHolds = (publicKey: crypto.KeyObject, record: AuditRecord): boolean =>
  record.session_sig !== undefined &&
  crypto.verify(null, sessionMessage(record), publicKey, Buffer.from(record.session_sig, 'hex'));

/** What a customer's root key signs: prefix ‖ tenant id ‖ 0 ‖ raw session public key. */
const rootMessage = (tenantId: string, sessionPublicKey: string): Buffer =>
  Buffer.concat([ROOT_PREFIX, Buffer.from(`${tenantId}\0`), Buffer.from(sessionPublicKey, 'hex')]);

/** @returns the value of `session_root_sig`, 128 hex digits. */
export const certifySession = (
  rootKey: crypto.KeyObject,
  tenantId: string,
  sessionPublicKey: string,
): string => crypto.sign(null, rootMessage(tenantId, sessionPublicKey), rootKey).toString('hex');

export const sessionCertificateHolds = (start: AuditRecord): boolean =>
  start.session_root_key !== undefined &&
  start.session_root_sig !== undefined &&
  start.session_public_key !== undefined &&
  crypto.verify(
    null,
    rootMessage(start.tenant_id, start.session_public_key),
    publicKeyFromRaw(start.session_root_key),
    Buffer.from(start.session_root_sig, 'hex'),
  );
