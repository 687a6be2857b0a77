import * as crypto from 'node:crypto';
import { instantFromMicros, signerIdOf } from '@vantio/schema';
import { publicKeyFromRaw } from '@vantio/schema/session-signature';
import { type RevocationList, readRevocationList, signRevocationList } from './revocation-list.ts';

export type RevocationUpdate = {
  /** Private key-making key (Ed25519, PKCS#8 PEM). */
  readonly keyPem: string;
  /** The list as it stands; absent: there was none. */
  readonly known?: string;
  /** Raw public keys (64 hex digits) whose signature on the known list counts, beside the signing key's own. */
  readonly trusted?: readonly string[];
  /** Ids of keys to revoke. */
  readonly add: readonly string[];
};

export type UpdatedRevocations = {
  /** One line of text with its newline: the secret's new version. */
  readonly text: string;
  readonly version: number;
  readonly keyIds: readonly string[];
  /** Ids that were not on it before. */
  readonly added: readonly string[];
};

export type RevocationListErrorCode = 'bad_key' | 'bad_signer' | 'bad_list' | 'list_too_large';

/** No list was made. The message says what to do. */
export class RevocationListError extends Error {
  override readonly name = 'RevocationListError';
  readonly code: RevocationListErrorCode;
  constructor(code: RevocationListErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** A version of a secret holds no more (https://cloud.google.com/secret-manager/quotas): some 3,400 ids. */
export const MAX_LIST_BYTES = 65_536;

/**
 * The next signed list of revoked keys. Its version rises with each change, for functions that saw a newer list refuse an
 * older one; a key never leaves it. A list under another key-making key is signed anew, also without a change.
 * @throws {RevocationListError | TypeError} a key id is not of its form.
 */
export function updateRevocationList(update: RevocationUpdate): UpdatedRevocations {
  const signer = privateKeyOf(update.keyPem);
  const own = crypto.createPublicKey(signer);
  const known = knownList(update, own);
  const added = [...new Set(update.add)].filter((id) => !known?.key_ids.includes(id));
  if (!added.every((id) => KEY_ID.test(id)))
    throw new TypeError('a key id is 16 lower-case hex digits');
  const list: RevocationList = {
    at: instantFromMicros(Date.now() * 1000),
    key_ids: [...(known?.key_ids ?? []), ...added].sort(),
    v: 1,
    version: (known?.version ?? 0) + 1,
  };
  const text = signRevocationList(list, signer);
  if (Buffer.byteLength(text) > MAX_LIST_BYTES)
    throw new RevocationListError(
      'list_too_large',
      `the list would have over ${MAX_LIST_BYTES} bytes, which Secret Manager does not take; rotate the key-making key, so that the keys on it are void without it`,
    );
  return { text, version: list.version, keyIds: list.key_ids, added };
}

const KEY_ID = /^[0-9a-f]{16}$/;

function privateKeyOf(pem: string): crypto.KeyObject {
  try {
    const key = crypto.createPrivateKey(pem);
    if (key.asymmetricKeyType === 'ed25519') return key;
  } catch {
    // Said below; OpenSSL's own words say nothing to a person.
  }
  throw new RevocationListError(
    'bad_key',
    'the key-making key is not an Ed25519 private key (PKCS#8 PEM)',
  );
}

function knownList(
  { known, trusted = [] }: RevocationUpdate,
  own: crypto.KeyObject,
): RevocationList | undefined {
  if (known === undefined) return undefined;
  const signers = [own, ...trusted.map(trustedKey)].map((key) => [signerIdOf(key), key] as const);
  const list = readRevocationList(known, new Map(signers));
  if (list === undefined)
    throw new RevocationListError(
      'bad_list',
      'the known list is damaged, or not signed by this key-making key; if it was signed by the one before, name its public half with --signer',
    );
  return list;
}

function trustedKey(raw: string): crypto.KeyObject {
  if (!/^[0-9a-f]{64}$/.test(raw))
    throw new RevocationListError('bad_signer', 'a public key is 64 lower-case hex digits');
  return publicKeyFromRaw(raw);
}
