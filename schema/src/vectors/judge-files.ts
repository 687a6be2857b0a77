import { createHash } from 'node:crypto';
import { CanonicalError, parseCanonical } from '../canonical.ts';
import { discloses } from '../commitment.ts';
import { COMMITTED_FIELDS, type CommittedField } from '../committed-fields.ts';
import { parseDisclosureLine } from '../disclosure-line.ts';
import { EnvelopeError } from '../envelope-error.ts';
import { erasureOf, valueName } from '../erasure-of.ts';
import { readDisclosure } from '../read-disclosures.ts';
import type { AuditRecord } from '../record.ts';
import type { Finding } from '../verify/finding.ts';
import { createLedgerVerifier, type VerifierOptions } from '../verify/ledger-verifier.ts';

type Files = ReadonlyMap<string, string>;
type Report = (finding: Finding) => void;
type Judged = { readonly verdict: string; readonly findings: readonly Finding[] };

const LEDGER =
  /^ledger(?<writer>\.w-[0-9a-f]{16})?(?:\.(?<segment>(?!000000)[0-9]{6}|[1-9][0-9]{6,14}))?\.ndjson$/;

/**
 * Verifies the files of a ledger named `ledger.ndjson`, held in memory whole: what record.md says of names and order, for
 * vectors. `vantio verify` does the same as files stream by.
 */
export function judgeFiles(files: Files, options: Omit<VerifierOptions, 'onFinding'>): Judged {
  const findings: Finding[] = [];
  const report: Report = (finding) => findings.push(finding);
  const verifier = createLedgerVerifier({ ...options, onFinding: report });
  const begun = new Set<string>();
  const short = new Map<string, string>();
  const all: Values[] = [];
  for (const { file, writer, segment } of ledgerFiles(files)) {
    const text = files.get(file) ?? '';
    const lines = text.split('\n');
    const torn = lines.pop() !== '';
    if (!begun.has(writer) && (segment ?? 1) > 1) short.set(writer, file);
    begun.add(writer);
    const isLater = short.has(writer) && text !== '';
    if (isLater) verifier.beginsLater(writer, { file, line: 1, writer });
    if (isLater) short.delete(writer);
    const records = lines.map(
      (line, at) => verifier.line(line, { file, line: at + 1, writer })?.record,
    );
    if (torn) verifier.torn({ file, line: lines.length + 1, writer });
    const disclosures = file.replace(/ndjson$/, 'disclosures.ndjson');
    checkDisclosures(files, disclosures, records, report);
    all.push({ disclosures, records: records.flatMap((record) => record ?? []) });
    const sha256 = createHash('sha256').update(text).digest('hex');
    const bytes = Buffer.byteLength(text);
    if (segment !== undefined)
      verifier.segment(file, { segment, bytes, records: lines.length, sha256, writer });
  }
  for (const [writer, file] of short) verifier.beginsLater(writer, { file });
  verifier.finish();
  for (const note of valueNotes(files, all)) report(note);
  const wrong = findings.some(({ severity }) => severity === 'wrong');
  const notes = findings.length > 0 ? 'verified with notes' : 'verified';
  return { verdict: wrong ? 'rejected' : notes, findings };
}

/** In the order they were written: each writer's closed files, oldest first, then the one it goes on in. */
function ledgerFiles(files: Files) {
  return [...files.keys()]
    .flatMap((file) => {
      const { writer = '', segment } = LEDGER.exec(file)?.groups ?? {};
      if (!LEDGER.test(file)) return [];
      return [{ file, writer, segment: segment === undefined ? undefined : Number(segment) }];
    })
    .sort((a, b) =>
      a.writer === b.writer
        ? (a.segment ?? Number.MAX_VALUE) - (b.segment ?? Number.MAX_VALUE)
        : a.writer < b.writer
          ? -1
          : 1,
    );
}

/** One finding for each line that opens no commitment of its record, or of which there is no whole one. */
function checkDisclosures(
  files: Files,
  file: string,
  records: readonly (AuditRecord | undefined)[],
  report: Report,
): void {
  const text = files.get(file);
  if (text === undefined) return;
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  lines.forEach((line, at) => {
    const isTorn = at === lines.length - 1 && !text.endsWith('\n');
    const message = isTorn ? 'is torn' : disclosureFault(line, records);
    if (message !== undefined)
      report({ check: 'disclosure', severity: 'wrong', message, file, line: at + 1 });
  });
}

function disclosureFault(
  line: string,
  records: readonly (AuditRecord | undefined)[],
): string | undefined {
  try {
    const { event_id, tenant_id, ...rest } = parseCanonical(line) as Record<string, unknown>;
    const disclosure = readDisclosure(rest);
    const isOpen = records.some(
      (one) =>
        one !== undefined &&
        one.event_id === event_id &&
        one.tenant_id === tenant_id &&
        discloses(one, disclosure),
    );
    return isOpen ? undefined : 'opens no commitment of its record';
  } catch (error) {
    if (error instanceof CanonicalError || error instanceof EnvelopeError) return error.message;
    throw error;
  }
}

type Values = { readonly disclosures: string; readonly records: readonly AuditRecord[] };

/** One for each disclosures file that lacks values, and for each that holds what an `erasure` record names. */
function* valueNotes(files: Files, all: readonly Values[]): Iterable<Finding> {
  const note = (file: string, message: string): Finding => ({
    check: 'disclosure',
    severity: 'unmeasured',
    file,
    message,
  });
  const erased = new Set(
    all.flatMap(({ records }) => records.flatMap((one) => erasureOf(one) ?? [])),
  );
  for (const { disclosures: file, records } of all) {
    const text = files.get(file);
    if (text === undefined) continue;
    const lines = text.split('\n').slice(0, -1);
    const isOpen = (record: AuditRecord, field: CommittedField): boolean =>
      lines.some(
        (line) => line.includes(`"${field}"`) && disclosureFault(line, [record]) === undefined,
      );
    const isMissing = (record: AuditRecord): boolean =>
      COMMITTED_FIELDS.some(
        (field) =>
          record[`${field}_commit`] !== undefined &&
          !isOpen(record, field) &&
          !erased.has(valueName(record.tenant_id, record.event_id, field)),
      );
    if (records.some(isMissing)) yield note(file, 'lacks committed values');
    if (lines.some((line) => erased.has(namedBy(line) ?? '')))
      yield note(file, 'holds erased values');
  }
}

function namedBy(line: string): string | undefined {
  try {
    const { tenantId, eventId, field } = parseDisclosureLine(line);
    return valueName(tenantId, eventId, field);
  } catch {
    return undefined;
  }
}
