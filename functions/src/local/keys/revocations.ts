import * as crypto from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { type CanonicalValue, canonicalize, instantFromMicros } from '@vantio/schema';
import type { Revocations } from '../../door/doorkeeper.ts';
import type { Keymaker } from './keymaker.ts';
import { replaceFile, StateDirError, stateFiles } from './state-dir.ts';

/** `revoked.json`: canonical `{"list":{"at","key_ids","v","version"},"signature","signer_id"}`. */
type RevocationList = {
  readonly at: string;
  /** Sorted. */
  readonly key_ids: readonly string[];
  readonly v: 1;
  /** Rises with each change: an older list put back is noticed by a server that saw a newer one. */
  readonly version: number;
};

const PREFIX = Buffer.from('vantio/revoked/v1\0');
const KEY_ID = /^[0-9a-f]{16}$/;
// The list is cached for less than the 60 s that the design allows: one stat(2) a second.
export const LOOK_AGAIN_MILLIS = 1000;

const message = (list: RevocationList): Buffer =>
  Buffer.concat([PREFIX, Buffer.from(canonicalize(list as unknown as CanonicalValue))]);

/** @returns undefined when the text is not a list that the key-maker signed. */
function readList(text: string, keymaker: Pick<Keymaker, 'publicKey'>): RevocationList | undefined {
  try {
    const { list, signature } = JSON.parse(text) as { list: RevocationList; signature: string };
    const holds = crypto.verify(
      null,
      message(list),
      keymaker.publicKey,
      Buffer.from(signature, 'hex'),
    );
    return holds && list.v === 1 && list.key_ids.every((id) => KEY_ID.test(id)) ? list : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Adds a key to the list. Takes effect in a running server within a second or two.
 * @returns whether it was not there yet.
 * @throws {StateDirError} when the list that is there cannot be trusted: adding to it would bless it.
 */
export function addRevocation(stateDir: string, keymaker: Keymaker, keyId: string): boolean {
  if (!KEY_ID.test(keyId)) throw new TypeError('a key id is 16 lower-case hex digits');
  const path = stateFiles(stateDir).revoked;
  const text = textOf(path);
  const known = text === undefined ? undefined : readList(text, keymaker);
  if (text !== undefined && known === undefined)
    throw new StateDirError('bad_state', `${path} is damaged or not signed by the key-making key`);
  if (known?.key_ids.includes(keyId)) return false;
  const list: RevocationList = {
    at: instantFromMicros(Date.now() * 1000),
    key_ids: [...(known?.key_ids ?? []), keyId].sort(),
    v: 1,
    version: (known?.version ?? 0) + 1,
  };
  const signature = crypto.sign(null, message(list), keymaker.privateKey).toString('hex');
  const signed = { list, signature, signer_id: keymaker.signerId } as unknown as CanonicalValue;
  replaceFile(path, `${canonicalize(signed)}\n`);
  return true;
}

/**
 * The ids of revoked keys, read anew when the file changes. Fails closed: a list that is damaged, wrongly signed, older
 * than one seen before, or gone after it was there, makes every key unusable until it is repaired. Letting a revoked key
 * in is worse than making emitters wait, and they spool.
 * @param onRevoked called for each key that is on the list and was not at the first look.
 */
export function watchRevocations(
  stateDir: string,
  keymaker: Keymaker,
  onRevoked: (keyId: string) => void = () => {},
): Revocations {
  const path = stateFiles(stateDir).revoked;
  let lookedAt = Number.NEGATIVE_INFINITY;
  let stamp = '';
  let version = 0;
  let revoked: ReadonlySet<string> | 'unreadable' = new Set();
  /** The last list that could be read. */
  let told: ReadonlySet<string> | undefined;

  const look = (): void => {
    const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
    const found = stat ? `${stat.ino} ${stat.size} ${stat.mtimeNs}` : '';
    if (found === stamp) return;
    stamp = found;
    const list = readList(textOf(path) ?? '', keymaker);
    if (list === undefined || list.version < version) revoked = 'unreadable';
    else {
      version = list.version;
      revoked = new Set(list.key_ids);
    }
  };

  const tell = (): void => {
    if (revoked === 'unreadable' || revoked === told) return;
    if (told !== undefined) for (const keyId of revoked) if (!told.has(keyId)) onRevoked(keyId);
    told = revoked;
  };

  return () => {
    const at = Date.now();
    if (at - lookedAt >= LOOK_AGAIN_MILLIS || at < lookedAt) {
      lookedAt = at;
      try {
        look();
      } catch {
        stamp = '?';
        revoked = 'unreadable';
      }
      tell();
    }
    return revoked;
  };
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
