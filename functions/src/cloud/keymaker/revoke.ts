import { createPublicKey, type KeyObject } from 'node:crypto';
import { instantFromMicros, signerIdOf } from '@vantio/schema';
import type { RevocationAnswer } from '@vantio/schema/wire/key-request';
import {
  type RevocationList,
  readRevocationList,
  signerIdOfList,
  signRevocationList,
} from '../../door/revocation-list.ts';
import { MAX_LIST_BYTES } from '../../door/update-revocation-list.ts';
import type { AddSecretVersion } from '../secrets/add-secret-version.ts';
import type { ReadSecret } from '../secrets/read-secret.ts';
import { codeOf, GRPC } from '../spanner/grpc-status.ts';

/** The list in force was not signed by a trusted key-making key; a new one in its place would let revoked keys in again. */
export class RevocationListError extends Error {
  override readonly name = 'RevocationListError';
  readonly code = 'unreadable_list';
}

/** Secret Manager takes no longer list. */
export class RevocationListFullError extends Error {
  override readonly name = 'RevocationListFullError';
  readonly code = 'list_full';
}

type InForce = RevocationList & { readonly signerId: string };

export type RevokeOptions = {
  readonly readList: ReadSecret;
  readonly addList: AddSecretVersion;
  /** Public key-making keys by their id. */
  readonly signers: ReadonlyMap<string, KeyObject>;
  readonly signer: () => Promise<KeyObject>;
};

export type Revoke = (keyIds: readonly string[]) => Promise<RevocationAnswer>;

/**
 * Adds keys to the list of revoked ones, one call after the other. What was revoked once stays so: with a list of its own
 * that is newer than what `latest` gives yet, or with one that another instance wrote at the same time, it goes on from both.
 */
export function createRevoke({ readList, addList, signers, signer }: RevokeOptions): Revoke {
  let written: RevocationList | undefined;
  let last: Promise<unknown> = Promise.resolve();

  const inForce = async (): Promise<InForce | undefined> => {
    let text: string;
    try {
      text = await readList();
    } catch (error) {
      // The secret has no version yet.
      if (codeOf(error) === GRPC.notFound) return undefined;
      throw error;
    }
    const list = readRevocationList(text, signers);
    if (list === undefined)
      throw new RevocationListError('the list is not signed by a trusted key-making key');
    return { ...list, signerId: signerIdOfList(text) };
  };

  const revoke = async (keyIds: readonly string[]): Promise<RevocationAnswer> => {
    const read = await inForce();
    const known = new Set([...(read?.key_ids ?? []), ...(written?.key_ids ?? [])]);
    const all = [...new Set([...known, ...keyIds])].sort();
    const newest = Math.max(read?.version ?? 0, written?.version ?? 0);
    const answer = { added: all.length - known.size, revoked: all.length };
    const key = await signer();
    // A list under the key before is signed anew: nobody would be let in once that key is not trusted any more.
    const isOurs = read?.signerId === signerIdOf(createPublicKey(key));
    if (read?.version === newest && read.key_ids.length === all.length && isOurs)
      return { version: newest, ...answer };
    const at = instantFromMicros(Date.now() * 1000);
    const list: RevocationList = { at, key_ids: all, v: 1, version: newest + 1 };
    const text = signRevocationList(list, key);
    if (Buffer.byteLength(text) > MAX_LIST_BYTES) throw new RevocationListFullError();
    await addList(text);
    written = list;
    return { version: list.version, ...answer };
  };

  return (keyIds) => {
    const turn = last.then(() => revoke(keyIds));
    last = turn.catch(() => {});
    return turn;
  };
}
