import type { Finding } from '@vantio/schema';
import { promiseFault } from '@vantio/schema/promise-fault';
import { holdsReceipt } from '@vantio/schema/receipt-signature';
import { ed25519PublicKey, keyIdOf, type NoteKey } from '@vantio/schema/tlog/note-keys';
import { type ReceiptLine, readReceipts } from './read-receipts.ts';
import type { OpenLog } from './watch-logs.ts';

type Pinned = {
  readonly logKeys: readonly NoteKey[];
  /** Tenants of the API keys that the user named, by key id. */
  readonly tenants: ReadonlyMap<string, readonly string[]>;
  readonly report: (finding: Finding) => void;
};

/**
 * Checks who signed receipts, and gives each to its log, which judges the promise.
 * @throws {CliError} when a file cannot be read.
 */
export function holdReceipts(
  files: readonly string[],
  logs: readonly OpenLog[],
  { logKeys, tenants, report }: Pinned,
): void {
  for (const file of files)
    for (const receipt of readReceipts(file, report)) holdOne(file, receipt);

  function holdOne(file: string, { line, signed }: ReceiptLine): void {
    const { origin, key_id, tenant_id } = signed.receipt;
    const fault = promiseFault(signed.receipt, Date.now() * 1000);
    const tell = (severity: Finding['severity'], message: string, field?: string): void =>
      report({
        check: 'receipt',
        severity,
        file,
        line,
        message,
        ...(field === undefined ? {} : { field }),
      });
    const log = logs.find(({ verifier }) => verifier.origin === origin);
    const keys = [...(log?.verifier.keys ?? []), ...logKeys].filter(({ name }) => name === origin);
    const signer = keys.find(({ publicKey }) => holdsReceipt(signed, ed25519PublicKey(publicKey)));
    if (log === undefined && keys.length === 0)
      tell('wrong', 'is not that of a log whose checkpoint holds', 'origin');
    else if (keys.length === 0)
      tell('unmeasured', 'receipt unmeasured: the key of its log is not there');
    else if (signer === undefined)
      tell('wrong', "does not hold: it is not the log key's", 'signature');
    else if (tenants.get(key_id)?.includes(tenant_id) === false)
      tell('wrong', 'is not the tenant of the API key', 'tenant_id');
    else if (fault !== undefined) tell('wrong', fault.message, fault.field);
    else if (log === undefined)
      tell('unmeasured', 'promise unmeasured: no checkpoint of its log holds');
    else log.verifier.promise(signed.receipt, { file, line }, keyIdOf(signer));
  }
}
