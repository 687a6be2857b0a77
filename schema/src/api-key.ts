import * as crypto from 'node:crypto';
import { PLANS, type Plan } from './plans.ts';
import { rawPublicKey } from './session-signature.ts';

/** What a self-certifying API key says of itself. */
export type ApiKeyClaims = {
  readonly tenantId: string;
  readonly keyId: string;
  readonly plan: Plan;
  /** Seconds since 1970, or 0 for never. */
  readonly expiresAt: number;
  readonly signerId: string;
};

export type ApiKeyErrorCode = 'malformed_key' | 'unknown_signer' | 'forged_key' | 'expired_key';

export class ApiKeyError extends Error {
  override readonly name = 'ApiKeyError';
  readonly code: ApiKeyErrorCode;
  constructor(code: ApiKeyErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

const PREFIX = 'vantio/key/v1\0';
const SHAPE =
  /^vk1\.([a-z0-9][a-z0-9_-]{0,62})\.([0-9a-f]{16})\.([a-z]{1,16})\.(0|[1-9][0-9]{0,11})\.([0-9a-f]{8})\.([A-Za-z0-9_-]{43})\.([A-Za-z0-9_-]{86})$/;

/** Id of a key-making key: first 8 hex digits of SHA-256 of its raw public half. */
export const signerIdOf = (key: crypto.KeyObject): string =>
  crypto.createHash('sha256').update(rawPublicKey(key), 'hex').digest('hex').slice(0, 8);

const message = (head: string, secret: string): Buffer =>
  Buffer.concat([
    Buffer.from(`${PREFIX}${head}\0`),
    crypto.createHash('sha256').update(secret, 'base64url').digest(),
  ]);

/**
 * Makes an API key: `vk1.<tenant>.<key id>.<plan>.<expiry>.<signer>.<secret>.<signature>`. The key-making key signs the
 * claims and the hash of the secret, so whoever holds only its public half can check a key and make none.
 */
export function makeApiKey(
  claims: Pick<ApiKeyClaims, 'tenantId' | 'plan'> & { readonly expiresAt?: number },
  signer: crypto.KeyObject,
  random: (bytes: number) => Buffer = crypto.randomBytes,
): string {
  const keyId = random(8).toString('hex');
  const secret = random(32).toString('base64url');
  const head = [
    'vk1',
    claims.tenantId,
    keyId,
    claims.plan,
    claims.expiresAt ?? 0,
    signerIdOf(signer),
  ].join('.');
  const signature = crypto.sign(null, message(head, secret), signer).toString('base64url');
  const apiKey = `${head}.${secret}.${signature}`;
  readApiKey(apiKey);
  return apiKey;
}

/**
 * The claims of a key, unchecked: for emitters and verifiers, which hold no signer's key. Attacker-controlled.
 * @throws {ApiKeyError} malformed_key.
 */
export function readApiKey(apiKey: string): ApiKeyClaims {
  const [, tenantId, keyId, plan, expiry, signerId] = SHAPE.exec(apiKey) ?? [];
  if (tenantId === undefined || keyId === undefined || signerId === undefined || !isPlan(plan))
    throw new ApiKeyError(
      'malformed_key',
      'the API key is not of the form vk1.tenant.id.plan.expiry.signer.secret.signature',
    );
  return { tenantId, keyId, plan, expiresAt: Number(expiry), signerId };
}

const isPlan = (plan: string | undefined): plan is Plan =>
  (PLANS as readonly (string | undefined)[]).includes(plan);

/**
 * The claims of a key whose signature holds.
 * @param signers public key-making keys by their id; several while one is rotated out.
 * @param now seconds since 1970.
 * @throws {ApiKeyError}
 */
export function checkApiKey(
  apiKey: string,
  signers: ReadonlyMap<string, crypto.KeyObject>,
  now: number,
): ApiKeyClaims {
  const claims = readApiKey(apiKey);
  const signer = signers.get(claims.signerId);
  if (!signer)
    throw new ApiKeyError(
      'unknown_signer',
      `the API key names signer ${claims.signerId}, which is not trusted here`,
    );
  const cut = apiKey.lastIndexOf('.');
  const secretAt = apiKey.lastIndexOf('.', cut - 1);
  const [secret, tail] = [apiKey.slice(secretAt + 1, cut), apiKey.slice(cut + 1)];
  const signature = Buffer.from(tail, 'base64url');
  // A last character has spare bits: only the one spelling that encodes to itself is the key.
  if (
    signature.toString('base64url') !== tail ||
    Buffer.from(secret, 'base64url').toString('base64url') !== secret
  )
    throw new ApiKeyError(
      'malformed_key',
      'the API key is not in its canonical base64url spelling',
    );
  if (!crypto.verify(null, message(apiKey.slice(0, secretAt), secret), signer, signature))
    throw new ApiKeyError('forged_key', "the API key's signature does not hold");
  if (claims.expiresAt !== 0 && now >= claims.expiresAt)
    throw new ApiKeyError('expired_key', 'the API key has expired');
  return claims;
}
