import type { NoteSigner, NoteVerifier } from '@vantio/schema/tlog/note';
import { createNoteVerifier, keyIdOf, type NoteKey } from '@vantio/schema/tlog/note-keys';
import type { LogKey } from './open-log-key.ts';

/** The keys of all tenants' logs. */
export type LogKeys = {
  /** It begins logs, and signs each until that has handed over. */
  readonly current: LogKey;
  /** Takes over from `current`, log by log. */
  readonly next?: LogKey;
  /** Raw, of all keys that logs have had, in the order in which they took over; of `current` and `next` at the end. */
  readonly publicKeys: readonly Uint8Array[];
  /** Those of them that are not honoured any more. */
  readonly revoked: readonly Uint8Array[];
};

/** The same for the log of one tenant: the keys under its origin. */
export type LogIdentity = {
  readonly origin: string;
  readonly signer: NoteSigner;
  readonly next?: NoteSigner;
  readonly keys: readonly NoteKey[];
  readonly revoked: readonly NoteKey[];
  /** Of all keys. */
  readonly verifier: readonly NoteVerifier[];
};

export const originOf = (logName: string, tenantId: string): string => `${logName}/${tenantId}`;

export const noteKeyOf = (origin: string, publicKey: Uint8Array): NoteKey => ({
  name: origin,
  type: 'ed25519',
  publicKey,
});

export function logIdentity(origin: string, logKeys: LogKeys): LogIdentity {
  const { current, next, publicKeys, revoked } = logKeys;
  const signerOf = ({ publicKey, sign }: LogKey): NoteSigner => ({
    name: origin,
    keyId: keyIdOf(noteKeyOf(origin, publicKey)),
    sign,
  });
  const keys = publicKeys.map((publicKey) => noteKeyOf(origin, publicKey));
  return {
    origin,
    signer: signerOf(current),
    ...(next === undefined ? {} : { next: signerOf(next) }),
    keys,
    revoked: revoked.map((publicKey) => noteKeyOf(origin, publicKey)),
    verifier: keys.map(createNoteVerifier),
  };
}
