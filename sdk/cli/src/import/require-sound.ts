import type { CheckName, Finding } from '@vantio/schema';
import { CliError } from '../cli-error.ts';
import { EXIT } from '../exit-codes.ts';
import type { LedgerFile } from '../ledger/ledger-family.ts';
import type { VerifyOutcome } from '../verify/outcome.ts';
import { verifyLedger } from '../verify/verify-ledger.ts';
import { type SealersKeys, sealersKeys } from './sealers-keys.ts';

/**
 * Findings that a user may accept: each line still stands by its own MACs, and what was found stays visible where it is
 * imported. Of disclosures, those that open no commitment are left out.
 */
export const ACCEPTABLE = [
  'gap',
  'conflict',
  'chain',
  'session_signature',
  'after_end',
  'origin',
  'disclosure',
] as const satisfies readonly CheckName[];

/** What cannot be checked is a note for `verify`; these two would let in lines whose writer nobody knows, or lose some. */
const NEEDED: readonly CheckName[] = ['mac', 'segment'];

/** Without a line it says that no `rotation` record closes a file, whose lines are chained all the same. */
const isLacking = ({ severity, line }: Finding): boolean =>
  severity === 'unmeasured' && line !== undefined;

export type SoundLedger = {
  readonly outcome: VerifyOutcome;
  /** Lines of each file that were looked at. It may have grown since. */
  readonly lines: ReadonlyMap<string, number>;
  /** Their lines are in the ledger, and are left out of what is done with it. */
  readonly sealers: SealersKeys;
};

/** @throws {CliError} unless each name is one of `ACCEPTABLE`. */
export function parseAccepted(names: readonly string[]): ReadonlySet<CheckName> {
  for (const name of names)
    if (!(ACCEPTABLE as readonly string[]).includes(name))
      throw new CliError(
        `--accept takes ${ACCEPTABLE.join(', ')}; lines that fail another check are never taken.`,
      );
  return new Set(names as readonly CheckName[]);
}

/**
 * Verifies a ledger before anything is done with it.
 * @throws {CliError} naming the first thing that is wrong with it and was not accepted.
 */
export function requireSound(
  files: readonly LedgerFile[],
  apiKeys: readonly string[],
  accepted: ReadonlySet<CheckName>,
): SoundLedger {
  const sealers = sealersKeys(files, apiKeys);
  const sealersLines = new Set([...sealers.values()].flat());
  const isSealers = ({ check, file, line }: Finding): boolean =>
    check === 'mac' && sealersLines.has(`${file}:${line}`);
  const lines = new Map<string, number>();
  const outcome = verifyLedger({
    files,
    apiKeys,
    sessionRoots: [],
    expectHeads: [],
    onFile: (path, count) => lines.set(path, count),
  });
  const { wrong, unmeasured } = outcome;
  const failed = (Object.keys(wrong) as CheckName[]).filter((check) => !accepted.has(check));
  const missing = NEEDED.filter(
    (check) =>
      unmeasured[check] !== undefined &&
      outcome.findings.some(
        (finding) => finding.check === check && isLacking(finding) && !isSealers(finding),
      ),
  );
  if (failed.length === 0 && missing.length === 0) return { outcome, lines, sealers };
  const [check = 'form'] = [...failed, ...missing];
  const first = outcome.findings.find(
    (finding) =>
      finding.check === check &&
      (finding.severity === 'wrong') === failed.includes(check) &&
      !isSealers(finding),
  );
  const where =
    first?.file === undefined
      ? ''
      : `${first.file}${first.line === undefined ? '' : `:${first.line}`}: `;
  const field = first?.field === undefined ? '' : `${first.field} `;
  throw new CliError(
    `${where}${check}: ${field}${first?.message ?? 'does not hold'}${restOf(outcome, failed, missing)}; nothing was done. ${advice(failed, missing)}`,
    EXIT.wrong,
  );
}

function restOf(
  { wrong, unmeasured }: VerifyOutcome,
  failed: readonly CheckName[],
  missing: readonly CheckName[],
): string {
  const count = (checks: readonly CheckName[], of: VerifyOutcome['wrong']): number =>
    checks.reduce((sum, check) => sum + (of[check] ?? 0), 0);
  const others = count(failed, wrong) + count(missing, unmeasured) - 1;
  return others === 0 ? '' : `, and ${others} more like it`;
}

function advice(failed: readonly CheckName[], missing: readonly CheckName[]): string {
  if (
    failed.length > 0 &&
    failed.every((check) => (ACCEPTABLE as readonly string[]).includes(check))
  )
    return `See vantio verify for all; take the ledger as it is with ${failed.map((check) => `--accept ${check}`).join(' ')}.`;
  if (failed.length === 0 && missing.includes('segment'))
    return 'Name the ledger by its active file, with all its rotated files beside it.';
  return 'See vantio verify for all.';
}
