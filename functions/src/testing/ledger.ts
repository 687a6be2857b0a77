import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import {
  createLedgerVerifier,
  type Finding,
  type LedgerLine,
  parseLedgerLine,
  type VerifyReport,
} from '@vantio/schema';

/** Files of a ledger in the order they were written: rotated ones, then the active one. */
export function ledgerFiles(active: string): readonly string[] {
  const stem = basename(active, '.ndjson');
  const rotated = readdirSync(dirname(active))
    .filter((name) => name.startsWith(`${stem}.`) && /\.[0-9]{6}\.ndjson$/.test(name))
    .sort();
  return [...rotated.map((name) => join(dirname(active), name)), active];
}

/** Every line of a ledger, parsed strictly. */
export const readLedger = (active: string): readonly LedgerLine[] =>
  ledgerFiles(active).flatMap((path) => linesOf(path).map(parseLedgerLine));

/** Lines of the emitters, without what the control plane says of itself. */
export const emitted = (active: string): readonly LedgerLine[] =>
  readLedger(active).filter(({ record }) => record.source !== 'control_plane');

/** Holds the whole ledger to its keys, MACs and chains. */
export function verifyLedger(
  active: string,
  apiKeys: readonly string[],
): VerifyReport & { readonly findings: readonly Finding[] } {
  const findings: Finding[] = [];
  const verifier = createLedgerVerifier({
    apiKeys,
    onFinding: (finding) => findings.push(finding),
  });
  for (const path of ledgerFiles(active))
    for (const [at, text] of linesOf(path).entries())
      verifier.line(text, { file: path, line: at + 1, writer: active });
  return { ...verifier.finish(), findings };
}

function linesOf(path: string): readonly string[] {
  const text = readFileSync(path, 'latin1');
  if (text !== '' && !text.endsWith('\n')) throw new Error(`${path} ends in a torn line`);
  return text.split('\n').slice(0, -1);
}
