import { readApiKey } from '@vantio/schema/api-key';
import type { NoteKey } from '@vantio/schema/tlog/note-keys';
import { CliError } from '../cli-error.ts';
import { type LedgerFile, ledgerFamily } from '../ledger/ledger-family.ts';
import { readKeyFiles } from '../ledger/read-key-files.ts';
import { openReportFile } from './html/write-report.ts';
import { parseLogKeys, parseWitnessKeys } from './log/parse-verifier-keys.ts';
import { watchLogs } from './log/watch-logs.ts';
import { createFindingLog, type VerifyOutcome } from './outcome.ts';
import { parseExpectedHead, parseSessionRoot } from './parse-arguments.ts';
import { verifyLedger } from './verify-ledger.ts';

export type VerifyOptions = {
  readonly keyFile: readonly string[];
  readonly sessionRoot: readonly string[];
  readonly expectHead: readonly string[];
  readonly vkey: readonly string[];
  readonly witness: readonly string[];
  readonly receipts: readonly string[];
  readonly checkpoint: readonly string[];
  readonly log?: string;
  readonly html?: string;
};

/** What was verified with. */
export type VerifyKeys = {
  readonly apiKeys: readonly string[];
  readonly sessionRoots: readonly string[];
  readonly logKeys: readonly NoteKey[];
  readonly witnesses: readonly NoteKey[];
};

/**
 * The verify command but for what it prints.
 * @throws {CliError} for wrong arguments and files that cannot be read.
 */
export async function runVerify(
  names: readonly string[],
  options: VerifyOptions,
): Promise<VerifyOutcome> {
  if (options.log !== undefined && names.length > 1)
    throw new CliError('--log is the log of one ledger; name one ledger with it.');
  const keys: VerifyKeys = {
    apiKeys: readKeyFiles(options.keyFile),
    sessionRoots: options.sessionRoot.map(parseSessionRoot),
    logKeys: parseLogKeys(options.vkey),
    witnesses: parseWitnessKeys(options.witness),
  };
  const expectHeads = options.expectHead.map(parseExpectedHead);
  const files = familiesOf(names);
  const report = options.html === undefined ? undefined : openReportFile(options.html);
  try {
    const findings = createFindingLog();
    const logs = await watchLogs({
      files,
      directory: options.log,
      logKeys: keys.logKeys,
      witnesses: keys.witnesses,
      tenants: tenantsOf(keys.apiKeys),
      checkpoints: options.checkpoint,
      receipts: options.receipts,
      report: findings.add,
    });
    const outcome = verifyLedger({ files, ...keys, expectHeads, findings, logs });
    if (report !== undefined) {
      const { renderReport } = await import('./html/render-report.ts');
      report.write(renderReport(outcome, keys, options));
    }
    return outcome;
  } catch (error) {
    report?.drop();
    throw error;
  }
}

function tenantsOf(apiKeys: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const tenants = new Map<string, readonly string[]>();
  for (const { keyId, tenantId } of apiKeys.map(readApiKey))
    tenants.set(keyId, [...(tenants.get(keyId) ?? []), tenantId]);
  return tenants;
}

const familiesOf = (names: readonly string[]): readonly LedgerFile[] => [
  ...new Map(names.flatMap(ledgerFamily).map((file) => [file.path, file])).values(),
];
