import { statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { readApiKey } from '@vantio/schema/api-key';
import type { NoteKey } from '@vantio/schema/tlog/note-keys';
import { CliError } from '../cli-error.ts';
import { type LedgerFile, ledgerFamily } from '../ledger/ledger-family.ts';
import { readKeyFiles } from '../ledger/read-key-files.ts';
import type { DigestAhead } from './ahead/digest-ahead.ts';
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
  /** 1, or 2; undefined: 2 where it is worth it. */
  readonly threads?: number;
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
  const ahead = await startAhead(files, keys.apiKeys, options.threads);
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
      leafHashes: ahead?.leafHashes,
    });
    const outcome = verifyLedger({ files, ...keys, expectHeads, findings, logs, ahead });
    if (report !== undefined) {
      const { renderReport } = await import('./html/render-report.ts');
      report.write(renderReport(outcome, keys, options));
    }
    return outcome;
  } catch (error) {
    report?.drop();
    throw error;
  } finally {
    ahead?.end();
  }
}

function tenantsOf(apiKeys: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const tenants = new Map<string, readonly string[]>();
  for (const { keyId, tenantId } of apiKeys.map(readApiKey))
    tenants.set(keyId, [...(tenants.get(keyId) ?? []), tenantId]);
  return tenants;
}

/** Below it a second thread has hardly begun when the first one is through. */
const WORTH_A_THREAD = 32 << 20;

async function startAhead(
  files: readonly LedgerFile[],
  apiKeys: readonly string[],
  threads: number | undefined,
): Promise<DigestAhead | undefined> {
  const isWorthIt = (): boolean => {
    const bytes = files.map(({ path }) => statSync(path, { throwIfNoEntry: false })?.size ?? 0);
    return availableParallelism() > 1 && bytes.reduce((sum, size) => sum + size) >= WORTH_A_THREAD;
  };
  if (threads === 1 || (threads === undefined && !isWorthIt())) return undefined;
  const { createDigestAhead } = await import('./ahead/digest-ahead.ts');
  return createDigestAhead(apiKeys);
}

const familiesOf = (names: readonly string[]): readonly LedgerFile[] => [
  ...new Map(names.flatMap(ledgerFamily).map((file) => [file.path, file])).values(),
];
