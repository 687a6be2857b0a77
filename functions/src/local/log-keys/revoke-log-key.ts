import { openLogParts } from '../log/open-local-log.ts';
import { listLogKeys } from './list-log-keys.ts';
import { LogKeysError } from './log-keys-error.ts';
import { type LedgerOptions, withLedger } from './with-ledger.ts';

export type RevokeOptions = LedgerOptions & {
  readonly keyId: string;
  /** Machine-readable, in the alphabet of `reason_code`. */
  readonly reasonCode?: string;
};

/**
 * Puts it in the ledger that a key which handed over is not to be honoured any more.
 * @returns whether it had not been there before.
 * @throws {LogKeysError | EraseError | StateDirError | TlogError}
 */
export const revokeLogKey = (options: RevokeOptions): Promise<boolean> =>
  withLedger(options, async ({ family, store, say }) => {
    const { stateDir, log, keyId, reasonCode } = options;
    const parts = await openLogParts({ family, stateDir, ledger: store, log });
    const keys = await listLogKeys(parts, store);
    const found = keys.find((each) => each.keyId === keyId);
    if (found === undefined)
      throw new LogKeysError(
        'unknown_log_key',
        `the log has had no key ${keyId}; ${family.verifierKey} names its keys`,
      );
    if (found.last === undefined)
      throw new LogKeysError(
        'key_in_charge',
        `key ${keyId} signs the log now: hand over to another with vantio log rotate first, then revoke it`,
      );
    if (found.revokedAt !== undefined) return false;
    await say({
      event_type: 'signer_revoked',
      action_taken: 'RECORDED',
      signer_id: keyId,
      ...(reasonCode === undefined ? {} : { reason_code: reasonCode }),
    });
    return true;
  });
