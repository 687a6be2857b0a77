import * as crypto from 'node:crypto';
import { type CanonicalValue, canonicalize, instantFromMicros, signerIdOf } from '@vantio/schema';

/** Canonical `{"list":{"at","key_ids","v","version"},"signature","signer_id"}`, signed by a key-making key. */
export type RevocationList = {
  readonly at: string;
  /** Sorted. */
  readonly key_ids: readonly string[];
  readonly v: 1;
  /** Rises with each change: an older list put back is noticed by a server that saw a newer one. */
  readonly version: number;
};

const PREFIX = Buffer.from('vantio/revoked/v1\0');
const KEY_ID = /^[0-9a-f]{16}$/;

const message = (list: RevocationList): Buffer =>
  Buffer.concat([PREFIX, Buffer.from(canonicalize(list as unknown as CanonicalValue))]);

/**
 * @param signers public key-making keys by their id; several while one is rotated out.
 * @returns undefined when the text is not a list that one of them signed.
 */
export function readRevocationList(
  text: string,
  signers: ReadonlyMap<string, crypto.KeyObject>,
): RevocationList | undefined {
  try {
    const { list, signature, signer_id } = JSON.parse(text) as {
      list: RevocationList;
      signature: string;
      signer_id: string;
    };
    const signer = signers.get(signer_id);
    const holds =
      signer !== undefined &&
      crypto.verify(null, message(list), signer, Buffer.from(signature, 'hex'));
    return holds && list.v === 1 && list.key_ids.every((id) => KEY_ID.test(id)) ? list : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The list with one key more, or undefined when it is there already.
 * @throws {TypeError} when that is no key id.
 */
export function extendRevocationList(
  known: RevocationList | undefined,
  keyId: string,
): RevocationList | undefined {
  if (!KEY_ID.test(keyId)) throw new TypeError('a key id is 16 lower-case hex digits');
  if (known?.key_ids.includes(keyId)) return undefined;
  return {
    at: instantFromMicros(Date.now() * 1000),
    key_ids: [...(known?.key_ids ?? []), keyId].sort(),
    v: 1,
    version: (known?.version ?? 0) + 1,
  };
}

/** @returns one line of text, with its newline. */
export function signRevocationList(list: RevocationList, signer: crypto.KeyObject): string {
  const signature = crypto.sign(null, message(list), signer).toString('hex');
  const signed = { list, signature, signer_id: signerIdOf(signer) };
  return `${canonicalize(signed as unknown as CanonicalValue)}\n`;
}

/** Which key-making key a list that `readRevocationList` took is signed by. */
export const signerIdOfList = (text: string): string =>
  (JSON.parse(text) as { readonly signer_id: string }).signer_id;
