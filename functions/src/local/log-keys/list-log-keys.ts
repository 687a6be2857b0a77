import { termsOf } from '@vantio/schema/tlog/key-terms';
import { keyIdOf } from '@vantio/schema/tlog/note-keys';
import { readRotations } from '../../log/read-rotations.ts';
import type { LedgerView } from '../log/ledger-lines.ts';
import type { LogParts } from '../log/open-local-log.ts';
import { signerRecords } from './signer-records.ts';

export type ListedLogKey = {
  readonly keyId: string;
  /** Sizes of the trees that it signs; `last` is undefined while it is in charge. */
  readonly first: number;
  readonly last?: number;
  /** Index of the record that revokes it. */
  readonly revokedAt?: number;
};

/** The keys that a log has had, in their order. */
export async function listLogKeys(
  { files, keys }: LogParts,
  ledger: LedgerView,
): Promise<readonly ListedLogKey[]> {
  const revoked = new Map<string, number>();
  for (const { type, keyId, index } of signerRecords(ledger))
    if (type === 'signer_revoked' && !revoked.has(keyId)) revoked.set(keyId, index);
  return termsOf([keys[0]], await readRotations(files)).map(({ key, first, last }) => {
    const revokedAt = revoked.get(keyIdOf(key));
    return {
      keyId: keyIdOf(key),
      first,
      ...(Number.isFinite(last) ? { last } : {}),
      ...(revokedAt === undefined ? {} : { revokedAt }),
    };
  });
}
