import { createHash, type KeyObject } from 'node:crypto';
import {
  type ApiKeyClaims,
  ApiKeyError,
  checkApiKey,
  receivedKey,
  recordKey,
} from '@vantio/schema';
import { type Refusal, refuse } from './problem-response.ts';

/** Who is at the door, once the key has been checked. */
export type Caller = {
  readonly apiKey: string;
  readonly claims: ApiKeyClaims;
  readonly recordKey: KeyObject;
  readonly receivedKey: KeyObject;
};

/** Ids of revoked keys. `unreadable`: the list cannot be trusted, so nobody is let in. */
export type Revocations = () => ReadonlySet<string> | 'unreadable';

export type Doorkeeper = (authorization: string | undefined) => Caller | Refusal;

export type DoorkeeperOptions = {
  /** Public key-making keys by their id. */
  readonly signers: ReadonlyMap<string, KeyObject>;
  readonly revocations: Revocations;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
};

// A checked key is remembered by its hash: an Ed25519 check and two HKDFs for each request would cost more than a batch.
const MAX_REMEMBERED = 4096;
const RETRY_SECONDS = 30;

/** Key, then revocation: decided from memory, before any store is touched. */
export function createDoorkeeper({
  signers,
  revocations,
  now = Date.now,
}: DoorkeeperOptions): Doorkeeper {
  const remembered = new Map<string, Caller>();

  const callerOf = (apiKey: string): Caller => {
    const id = createHash('sha256').update(apiKey).digest('base64');
    const known = remembered.get(id);
    if (known) {
      if (known.claims.expiresAt !== 0 && now() / 1000 >= known.claims.expiresAt)
        throw new ApiKeyError('expired_key', 'the API key has expired');
      remembered.delete(id);
      remembered.set(id, known);
      return known;
    }
    const claims = checkApiKey(apiKey, signers, now() / 1000);
    const caller = {
      apiKey,
      claims,
      recordKey: recordKey(apiKey),
      receivedKey: receivedKey(apiKey),
    };
    remembered.set(id, caller);
    if (remembered.size > MAX_REMEMBERED) remembered.delete(remembered.keys().next().value ?? '');
    return caller;
  };

  return (authorization) => {
    const [, apiKey] = /^Bearer +(\S{1,512})$/i.exec(authorization ?? '') ?? [];
    if (apiKey === undefined)
      return refuse('missing_key', 'send the API key as Authorization: Bearer <key>');
    let caller: Caller;
    try {
      caller = callerOf(apiKey);
    } catch (error) {
      if (error instanceof ApiKeyError) return refuse(error.code, error.message);
      throw error;
    }
    const revoked = revocations();
    if (revoked === 'unreadable')
      return refuse(
        'revocations_unreadable',
        'the list of revoked keys is missing, damaged or not signed by the key-maker; until it is repaired no key is accepted',
        {},
        { 'retry-after': String(RETRY_SECONDS) },
      );
    if (revoked.has(caller.claims.keyId))
      return refuse('revoked_key', 'the API key was revoked; ask for a new one');
    return caller;
  };
}

export const isRefusal = (answer: Caller | Refusal): answer is Refusal => 'problem' in answer;
