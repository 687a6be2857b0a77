import * as crypto from 'node:crypto';
import { signerIdOf } from '../api-key.ts';
import { type CanonicalValue, canonicalize, requireCanonical } from '../canonical.ts';
import { isObject } from '../read-json.ts';
import { publicKeyFromRaw } from '../session-signature.ts';
import { isWeakKey } from '../weak-keys.ts';
import { checkPolicy, MAX_POLICY_BYTES } from './parse-policy.ts';
import type { PolicyDocument } from './policy-document.ts';
import { PolicyError } from './policy-error.ts';

/** What stands around a policy on its way: one canonical text (RFC 8785), schema/policy.md, section 7. */
export type PolicyEnvelope = {
  readonly policy: PolicyDocument;
  /** Canonical bytes of the policy as it was written, without defaults: what is signed and hashed. */
  readonly canonical: string;
  /** Of the canonical bytes: `policy_sha256` of the records. */
  readonly sha256: string;
  readonly tenantId: string;
  readonly signed?: { readonly signerId: string; readonly signature: string };
};

const PREFIX = 'vantio/policy/v1\0';
/** Of the envelope's own members. */
const AROUND = 1024;

const message = (tenantId: string, canonical: string): Buffer =>
  Buffer.from(`${PREFIX}${tenantId}\0${canonical}`);

/**
 * The envelope of a policy for a tenant, signed if a key is given.
 * @param written the policy as its author wrote it.
 * @param signer Ed25519.
 * @throws {PolicyError}
 */
export function wrapPolicy(written: unknown, tenantId: string, signer?: crypto.KeyObject): string {
  checkPolicy(written);
  const policy = written as { readonly [name: string]: CanonicalValue };
  if (signer === undefined) return canonicalize({ policy, tenant_id: tenantId });
  const canonical = canonicalize(policy);
  return canonicalize({
    policy,
    signature: crypto.sign(null, message(tenantId, canonical), signer).toString('hex'),
    signer_id: signerIdOf(signer),
    tenant_id: tenantId,
  });
}

/**
 * Inverse of `wrapPolicy`; the signature is read, not checked. The text may be an attacker's.
 * @throws {PolicyError}
 */
export function readEnvelope(text: string): PolicyEnvelope {
  if (text.length > MAX_POLICY_BYTES + AROUND)
    throw new PolicyError('too_large', '', `the policy is larger than ${MAX_POLICY_BYTES} bytes`);
  const value = envelopeValue(text);
  const { policy: written, tenant_id: tenantId, signer_id: signerId, signature } = value;
  const isSigned = signerId !== undefined || signature !== undefined;
  if (
    typeof tenantId !== 'string' ||
    (isSigned && (!isHex(signerId, 8) || !isHex(signature, 128))) ||
    Object.keys(value).length !== (isSigned ? 4 : 2)
  )
    throw badEnvelope('is not of the form {policy, signature, signer_id, tenant_id}');
  const policy = checkPolicy(written);
  requireCanonicalEnvelope(value, text);
  const canonical = canonicalize(written as CanonicalValue);
  return {
    policy,
    canonical,
    sha256: policySha256(canonical),
    tenantId,
    ...(isSigned ? { signed: { signerId: String(signerId), signature: String(signature) } } : {}),
  };
}

export const policySha256 = (canonical: string): string =>
  crypto.createHash('sha256').update(canonical).digest('hex');

/** Whether the envelope is signed under the key. */
export const signatureHolds = (
  { canonical, tenantId, signed }: PolicyEnvelope,
  key: crypto.KeyObject,
): boolean =>
  signed !== undefined &&
  signerIdOf(key) === signed.signerId &&
  crypto.verify(null, message(tenantId, canonical), key, Buffer.from(signed.signature, 'hex'));

/**
 * The keys that `VANTIO_TRUST` pins: raw Ed25519 public keys, 64 hex digits each, with commas between.
 * @throws {PolicyError}
 */
export function readTrust(text: string): readonly crypto.KeyObject[] {
  return text
    .split(',')
    .map((part) => part.trim().toLowerCase())
    .filter((part) => part !== '')
    .map((raw) => {
      if (!isHex(raw, 64) || isWeakKey(raw))
        throw new PolicyError(
          'unknown_signer',
          'VANTIO_TRUST',
          'holds something that is no Ed25519 public key of 64 hex digits; `vantio policy keygen` prints one',
        );
      return publicKeyFromRaw(raw);
    });
}

const isHex = (value: unknown, digits: number): boolean =>
  typeof value === 'string' && value.length === digits && /^[0-9a-f]*$/.test(value);

const badEnvelope = (what: string): PolicyError =>
  new PolicyError('bad_envelope', '', `the policy's envelope ${what}`);

function envelopeValue(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new PolicyError('not_json', '', "the policy's envelope is not JSON");
  }
  if (!isObject(value)) throw badEnvelope('is no object');
  return value;
}

function requireCanonicalEnvelope(value: unknown, text: string): void {
  try {
    requireCanonical(value, text);
  } catch {
    throw badEnvelope(
      'is not in canonical form (RFC 8785); send it as `vantio policy sign` wrote it',
    );
  }
}
