import { join } from 'node:path';
import type { Finding, LedgerLine, Place } from '@vantio/schema';
import type { NoteKey } from '@vantio/schema/tlog/note-keys';
import { MAX_NOTE_BYTES } from '@vantio/schema/verify/log/log-files';
import type { LogReport } from '@vantio/schema/verify/log/log-report';
import { type LogVerifier, openLogVerifier } from '@vantio/schema/verify/log/log-verifier';
import { CliError } from '../../cli-error.ts';
import type { LedgerFile } from '../../ledger/ledger-family.ts';
import { readBounded } from '../../ledger/read-bounded.ts';
import type { Line } from '../../ledger/read-lines.ts';
import { type FoundLog, findLogs } from './find-logs.ts';
import { holdReceipts } from './hold-receipts.ts';
import { createLogDirectory } from './log-directory.ts';
import { readVerifierKeys } from './parse-verifier-keys.ts';

export type LogRequest = {
  readonly files: readonly LedgerFile[];
  /** The log's directory, where it is not beside the ledger. */
  readonly directory: string | undefined;
  /** Log keys that the user pinned; none: the one beside the log is used, and that is told. */
  readonly logKeys: readonly NoteKey[];
  readonly witnesses: readonly NoteKey[];
  /** Tenants of the API keys that the user named, by key id. */
  readonly tenants: ReadonlyMap<string, readonly string[]>;
  /** Files of checkpoints that the user kept. */
  readonly checkpoints: readonly string[];
  /** Files of receipts. */
  readonly receipts: readonly string[];
  readonly report: (finding: Finding) => void;
};

export type OpenLog = {
  readonly writer: string;
  readonly verifier: LogVerifier;
};

export type LogWatch = {
  /** Takes each whole line of the ledger, in order. */
  readonly line: (line: Line, parsed: LedgerLine | undefined, place: Place) => void;
  readonly finish: () => readonly LogReport[];
};

/**
 * Opens the logs beside ledgers, before the ledgers are read.
 * @throws {CliError} when a file that the user named cannot be read.
 */
export async function watchLogs(request: LogRequest): Promise<LogWatch> {
  const { files, directory } = request;
  const found = findLogs(files, directory);
  if (found.length === 0) tellMissing(request);
  const kept = readKept(request.checkpoints);
  const logs: OpenLog[] = [];
  for (const one of found) logs.push(await openLog(one, keptOf(kept, found, one), request));
  const byWriter = new Map(logs.map((log) => [log.writer, log.verifier]));
  for (const log of logs) tellPart(log, files);
  if (found.length > 0) holdReceipts(request.receipts, logs, request);
  return {
    line: (line, parsed, place) =>
      byWriter
        .get(place.writer ?? place.file)
        ?.line(line.kind === 'text' ? line.bytes : undefined, parsed, place),
    finish: () => {
      tellAbsent(logs, request);
      return logs.map(({ verifier }) => verifier.finish());
    },
  };
}

type Kept = { readonly file: string; readonly bytes: Buffer | 'over' };

const readKept = (checkpoints: readonly string[]): readonly Kept[] =>
  checkpoints.map((file) => {
    const bytes = readBounded(file, MAX_NOTE_BYTES);
    if (bytes === undefined) throw new CliError(`${file} does not exist; check the path.`);
    return { file, bytes };
  });

async function openLog(
  { writer, directory, keyFile }: FoundLog,
  kept: readonly Kept[],
  { logKeys, witnesses, report }: LogRequest,
): Promise<OpenLog> {
  const isPinned = logKeys.length > 0;
  const keys = isPinned ? logKeys : keysBeside(keyFile, report);
  const verifier = await openLogVerifier({
    name: directory,
    files: createLogDirectory(directory),
    log: { keys, isPinned },
    witnesses,
    kept,
    onFinding: report,
  });
  return { writer, verifier };
}

/** A key file that the user did not name is the log's: what is wrong with it is wrong with the log. */
function keysBeside(file: string, report: LogRequest['report']): readonly NoteKey[] {
  try {
    return (readVerifierKeys(file) ?? []).filter(({ type }) => type === 'ed25519');
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    report({ check: 'log_checkpoint', severity: 'wrong', file, message: error.message });
    return [];
  }
}

/**
 * Those that begin with the name that the log's own checkpoint begins with; the first log gets, and refuses, what no log is
 * named after.
 */
function keptOf(kept: readonly Kept[], found: readonly FoundLog[], log: FoundLog): readonly Kept[] {
  if (found.length === 1) return kept;
  const names = found.map(({ directory }) =>
    firstLine(readBounded(join(directory, 'checkpoint'), MAX_NOTE_BYTES)),
  );
  const own = found.indexOf(log);
  return kept.filter(({ bytes }) => Math.max(0, names.indexOf(firstLine(bytes))) === own);
}

const firstLine = (bytes: Buffer | 'over' | undefined): string | undefined =>
  typeof bytes === 'object' ? bytes.toString('utf8').split('\n', 1)[0] : undefined;

function tellMissing({ files, logKeys, witnesses, checkpoints, receipts, report }: LogRequest) {
  if ([...logKeys, ...witnesses, ...checkpoints, ...receipts].length === 0) return;
  report({
    check: 'log_checkpoint',
    severity: 'wrong',
    file: files[0]?.path ?? '',
    message:
      'has no log beside it, and a key, witness, checkpoint or receipt of one was named; name its directory with --log',
  });
}

/** A log whose key is pinned must not pass for one that never was because another ledger has its own. */
function tellAbsent(logs: readonly OpenLog[], { logKeys, report }: LogRequest): void {
  const origins = logs.map(({ verifier }) => verifier.origin);
  // Without its checkpoint nobody can say which log one is; that was told.
  if (logs.length === 0 || origins.includes(undefined)) return;
  for (const name of new Set(logKeys.map((key) => key.name)))
    if (!origins.includes(name))
      report({
        check: 'log_checkpoint',
        severity: 'wrong',
        message: `the log of the pinned key ${name} is not here`,
      });
}

/** A rotated file alone, or files of which the first ones are missing. */
function tellPart({ writer, verifier }: OpenLog, files: readonly LedgerFile[]): void {
  const first = files.find((file) => file.writer === writer);
  if (first?.segment === undefined) return;
  if (first.segment > 1 || first.path === writer) verifier.isPart(first.path);
}
