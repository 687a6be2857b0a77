import type { KeyObject } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import type { Revocations } from '../../door/doorkeeper.ts';
import {
  extendRevocationList,
  readRevocationList,
  signRevocationList,
} from '../../door/revocation-list.ts';
import type { Keymaker } from './keymaker.ts';
import { replaceFile, StateDirError, stateFiles } from './state-dir.ts';

// The list is cached for less than the 60 s that the design allows: one stat(2) a second.
export const LOOK_AGAIN_MILLIS = 1000;

/**
 * Adds a key to the list. Takes effect in a running server within a second or two.
 * @returns whether it was not there yet.
 * @throws {StateDirError} when the list that is there cannot be trusted: adding to it would bless it.
 */
export function addRevocation(stateDir: string, keymaker: Keymaker, keyId: string): boolean {
  const path = stateFiles(stateDir).revoked;
  const text = textOf(path);
  const known = text === undefined ? undefined : readRevocationList(text, signersOf(keymaker));
  if (text !== undefined && known === undefined)
    throw new StateDirError('bad_state', `${path} is damaged or not signed by the key-making key`);
  const list = extendRevocationList(known, keyId);
  if (list === undefined) return false;
  replaceFile(path, signRevocationList(list, keymaker.privateKey));
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
  const signers = signersOf(keymaker);
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
    const list = readRevocationList(textOf(path) ?? '', signers);
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

const signersOf = ({ signerId, publicKey }: Keymaker): ReadonlyMap<string, KeyObject> =>
  new Map([[signerId, publicKey]]);

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
