import { createHash } from 'node:crypto';
import type { AuditRecord, CommittedField, ExpectedHead, Place } from '@vantio/schema';
import { readApiKey } from '@vantio/schema/api-key';
import { createLedgerVerifier } from '@vantio/schema/verify/ledger-verifier';
import { CliError, systemCode } from '../cli-error.ts';
import {
  createDisclosureWindow,
  type DisclosureFault,
  type DisclosureWindow,
  windowOfNone,
} from '../ledger/disclosure-window.ts';
import type { LedgerFile } from '../ledger/ledger-family.ts';
import { createLookAgain } from '../ledger/look-again.ts';
import { MAX_LINE_BYTES } from '../ledger/max-line-bytes.ts';
import { type Line, readLines } from '../ledger/read-lines.ts';
import { explainFinding, type Reading } from './explain-finding.ts';
import type { LogWatch } from './log/watch-logs.ts';
import { createFindingLog, type FindingLog, type VerifyOutcome, verdictOf } from './outcome.ts';
import { createValueTally } from './value-tally.ts';

export type VerifyRequest = {
  readonly files: readonly LedgerFile[];
  readonly apiKeys: readonly string[];
  /** Raw public keys, 64 hex digits. */
  readonly sessionRoots: readonly string[];
  readonly expectHeads: readonly ExpectedHead[];
  /** Told of each file, once it was read, how many lines it has. */
  readonly onFile?: (path: string, lines: number) => void;
  /** Where findings go. */
  readonly findings?: FindingLog;
  /** The logs that the lines are held to, with the same findings. */
  readonly logs?: LogWatch;
};

/**
 * Checks ledger files in the order given, in one pass. Holds one chunk of a file, one window of its disclosures, and a
 * fixed amount per session.
 * @throws {CliError} when a file cannot be read.
 */
export function verifyLedger({
  files,
  apiKeys,
  sessionRoots,
  expectHeads,
  onFile = () => {},
  findings: log = createFindingLog(),
  logs,
}: VerifyRequest): VerifyOutcome {
  let reading: Reading | undefined;
  const verifier = createLedgerVerifier({
    apiKeys,
    sessionRoots,
    expectHeads,
    onFinding: (finding) =>
      log.add(reading === undefined ? finding : explainFinding(finding, reading)),
  });
  const keyIds = new Set(apiKeys.map((apiKey) => readApiKey(apiKey).keyId));
  const unkeyed = new Set<string>();
  const begun = new Set<string>();
  /** Writers whose earlier files are not there and of whom no line was met yet, with their first file. */
  const short = new Map<string, string>();
  const values = createValueTally();

  for (const file of files) verifyFile(file);
  for (const [writer, file] of short) verifier.beginsLater(writer, { file });
  const report = verifier.finish();
  const valueCounts = values.finish(files, log.add);
  const logReports = logs?.finish() ?? [];
  return {
    ...report,
    logs: logReports,
    sessions: report.sessions.map((session) => ({
      ...session,
      words: log.wordsOf(session.sessionId, !unkeyed.has(session.sessionId)),
    })),
    files: files.map(({ path }) => path),
    findings: log.kept,
    findingsOmitted: log.omitted(),
    wrong: log.wrong,
    unmeasured: log.unmeasured,
    verdict: verdictOf(log),
    values: valueCounts,
  };

  function verifyFile(file: LedgerFile): void {
    const { path, writer, segment } = file;
    const window = openDisclosures(file);
    const hash = segment === undefined ? undefined : createHash('sha256');
    let bytes = 0;
    let lines = 0;
    const onBytes = (chunk: Buffer): void => {
      bytes += chunk.length;
      hash?.update(chunk);
    };
    const isFirst = !begun.has(writer);
    begun.add(writer);
    // Segments are numbered from 1: a later one that comes first had others before it.
    if (isFirst && (segment ?? 1) > 1) short.set(writer, path);
    readable(path, () => {
      for (const line of readLines(path, { maxBytes: MAX_LINE_BYTES, onBytes })) {
        lines = line.number;
        if (short.delete(writer)) verifier.beginsLater(writer, { file: path, line: lines, writer });
        reading = { line, opens: isFirst && segment === undefined && lines === 1 };
        verifyLine(line, { file: path, line: lines, writer }, window);
      }
    });
    reading = undefined;
    onFile(path, lines);
    window.finish();
    if (segment !== undefined && hash !== undefined) {
      const found = { segment, bytes, records: lines, sha256: hash.digest('hex'), writer };
      verifier.segment(path, found);
    }
  }

  function verifyLine(line: Line, place: Place, window: Pick<DisclosureWindow, 'check'>): void {
    if (line.kind === 'torn') {
      verifier.torn(place);
      return;
    }
    // A line that cannot be read as text is no record either; the verifier counts it and goes on from there.
    const parsed = verifier.line(line.kind === 'text' ? line.text : '', place);
    logs?.line(line, parsed, place);
    const record = parsed?.record;
    if (record === undefined) return;
    if (record.seq === 0 && !keyIds.has(record.key_id)) unkeyed.add(record.session_id);
    values.record(record);
    window.check(record);
  }

  function openDisclosures(file: LedgerFile): Pick<DisclosureWindow, 'check' | 'finish'> {
    const { disclosures: path } = file;
    const onMissing = (record: AuditRecord, field: CommittedField): void =>
      values.missing(file, record, field);
    if (path === undefined) return windowOfNone(onMissing);
    const onFault = (fault: DisclosureFault): void =>
      log.add({ check: 'disclosure', severity: 'wrong', file: path, ...fault });
    const again = createLookAgain(file.path, { onFault, onOpened: values.foundLate });
    return readable(path, () => {
      const window = createDisclosureWindow(path, onFault, {
        onOpened: values.disclosed,
        onStray: again.add,
        onMissing,
      });
      return {
        check: window.check,
        finish: () => {
          window.finish();
          again.finish();
        },
      };
    });
  }
}

function readable<T>(path: string, use: () => T): T {
  try {
    return use();
  } catch (error) {
    if (error instanceof Error && 'syscall' in error)
      throw new CliError(
        `${path} cannot be read (${systemCode(error)}); check the path and its rights.`,
      );
    throw error;
  }
}
