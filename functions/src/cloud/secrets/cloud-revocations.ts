import type { KeyObject } from 'node:crypto';
import type { Revocations } from '../../door/doorkeeper.ts';
import { readRevocationList } from '../../door/revocation-list.ts';
import { measure } from '../metrics/measure.ts';
import type { ReadSecret } from './read-secret.ts';
import { createRefreshed } from './refreshed.ts';

export type CloudRevocationsOptions = {
  readonly readSecret: ReadSecret;
  /** Public key-making keys by their id. */
  readonly signers: ReadonlyMap<string, KeyObject>;
  readonly onFault: (message: string, error: unknown) => void;
  readonly now?: () => number;
};

/**
 * The signed list of revoked keys, never older than 60 s. Fails closed, as in local mode: a list that cannot be had, is not
 * signed by a key-making key, or is older than one seen before, makes every key unusable, and emitters spool.
 */
export function createCloudRevocations(options: CloudRevocationsOptions) {
  const { readSecret, signers, onFault, now = Date.now } = options;
  let version = 0;
  let readAt = now();
  let revoked: ReadonlySet<string> | 'unreadable' = 'unreadable';

  const refreshed = createRefreshed({
    load: async () => {
      const began = now();
      const list = readRevocationList(await readSecret(), signers);
      if (list === undefined) throw new Error('the list is not signed by a key-making key');
      if (list.version < version) throw new Error('the list is older than one seen before');
      version = list.version;
      readAt = began;
      return new Set(list.key_ids);
    },
    now,
  });

  return {
    /** To be awaited before the door is asked. */
    refresh: async (): Promise<void> => {
      try {
        revoked = await refreshed();
      } catch (error) {
        revoked = 'unreadable';
        onFault('the list of revoked keys cannot be used', error);
      }
      measure('vantio.revocations.age', (now() - readAt) / 1000, {});
    },
    revocations: (() => revoked) satisfies Revocations,
  };
}
