import type { CheckName } from '@vantio/schema';
import type { VerifyOutcome } from '../outcome.ts';

/** What the user asked for. */
export type Asked = {
  readonly apiKeys: number;
  readonly expectHeads: number;
  readonly receipts: number;
};

const OF_ROOTS: readonly CheckName[] = ['log_root', 'log_consistency'];
const OF_KEYS: readonly CheckName[] = ['mac', 'received_mac', 'tenant'];

/**
 * Why a check that found nothing looked at nothing, or not at everything; undefined if it did. What was not checked must not
 * read as if it were well.
 */
export function notLookedAt(
  check: CheckName,
  { logs, wrong, unmeasured }: VerifyOutcome,
  { apiKeys, expectHeads, receipts }: Asked,
): string | undefined {
  const cosignatures = logs
    .flatMap(({ witnesses }) => witnesses)
    .some((one) => one.cosignatures > 0);
  const isSealed = logs.some(({ size }) => size !== undefined);
  if (OF_KEYS.includes(check)) {
    if (apiKeys === 0) return 'not looked at: no API key was named';
    if (unmeasured.mac !== undefined) return 'not looked at where the MAC is unmeasured';
  }
  if (check === 'head' && expectHeads === 0) return 'not looked at: no record was pinned';
  if (!isOfLog(check)) return undefined;
  if (logs.length === 0) return 'not looked at: there is no log';
  if (check === 'receipt' && receipts === 0) return 'not looked at: no receipt was given';
  if (!isSealed && check !== 'log_checkpoint') return 'not looked at: no checkpoint holds';
  if (OF_ROOTS.includes(check) && wrong.log_tile !== undefined)
    return 'not looked at from where a tile or bundle is missing';
  if (check === 'log_size' && unmeasured.log_leaf !== undefined)
    return 'not looked at: the ledger was not given whole';
  if ((check === 'clock' || check === 'log_cosignature') && !cosignatures)
    return 'not looked at: no cosignature of a pinned witness is there';
  return undefined;
}

const isOfLog = (check: CheckName): boolean =>
  check.startsWith('log_') || check === 'receipt' || check === 'clock';
