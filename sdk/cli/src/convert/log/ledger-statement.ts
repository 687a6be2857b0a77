import { createHash, type Hash } from 'node:crypto';
import { statSync } from 'node:fs';
import { basename } from 'node:path';
import { CliError } from '../../cli-error.ts';
import { EXIT } from '../../exit-codes.ts';
import type { LedgerFile } from '../../ledger/ledger-family.ts';
import { VERSION } from '../../version.ts';
import type { Source } from '../form.ts';
import { createEntryWalker, type EntryWalker } from './entry-walker.ts';
import { type Log, type LogKey, openLog } from './open-log.ts';

export const STATEMENT_TYPE = 'https://in-toto.io/Statement/v1';
export const PREDICATE_TYPE = 'urn:vantio:ledger-verification:v1';

/** Bytes of a file so far. */
type Tally = { readonly hash: Hash; bytes: number };

/**
 * A statement of in-toto about the files of a ledger: what verification found, and which trees they are the leaves of. The
 * files are read once more for it: the digests are of the very bytes that were verified.
 * @throws {CliError} if they are not whole, or do not go with their logs.
 */
export async function ledgerStatement(source: Source, key: LogKey): Promise<object> {
  const { files, outcome, accepted } = source;
  requireDistinctNames(files);
  const logs = new Map<string, { readonly log: Log; readonly walker: EntryWalker }>();
  for (const { writer } of files) {
    if (logs.has(writer)) continue;
    const log = await openLog(writer, key);
    logs.set(writer, { log, walker: await createEntryWalker(log) });
  }
  const tallies = new Map<string, Tally>(
    files.map(({ path }) => [path, { hash: createHash('sha256'), bytes: 0 }]),
  );
  for (const { text, file } of source.lines()) {
    logs.get(file.writer)?.walker.next(text);
    const tally = tallies.get(file.path);
    const bytes = Buffer.from(`${text}\n`);
    tally?.hash.update(bytes);
    if (tally !== undefined) tally.bytes += bytes.length;
  }
  for (const [path, { bytes }] of tallies) requireWhole(path, bytes);
  return {
    _type: STATEMENT_TYPE,
    subject: [...tallies].map(([path, { hash }]) => ({
      name: basename(path),
      digest: { sha256: hash.digest('hex') },
    })),
    predicateType: PREDICATE_TYPE,
    predicate: {
      statedAt: new Date().toISOString(),
      tool: { name: 'vantio', version: VERSION },
      verification: {
        verdict: outcome.verdict,
        records: outcome.records,
        verified: outcome.verified,
        sessions: outcome.sessions.length,
        wrong: outcome.wrong,
        unmeasured: outcome.unmeasured,
        accepted,
      },
      logs: [...logs].map(([writer, { log, walker }]) => ({
        origin: log.checkpoint.origin,
        treeSize: log.checkpoint.size,
        rootHash: Buffer.from(log.checkpoint.root).toString('hex'),
        unsealed: walker.finish(),
        checkpoint: log.note,
        files: files.filter((file) => file.writer === writer).map(({ path }) => basename(path)),
      })),
    },
  };
}

function requireDistinctNames(files: readonly LedgerFile[]): void {
  const names = new Set<string>();
  for (const { path } of files) {
    if (names.has(basename(path)))
      throw new CliError(
        `two ledger files are named ${basename(path)}; a statement names files without their directories, so convert one ledger at a time.`,
      );
    names.add(basename(path));
  }
}

function requireWhole(path: string, bytes: number): void {
  const { size } = statSync(path);
  if (size !== bytes)
    throw new CliError(
      `${path} has grown since it was verified; a statement is about whole files, so stop the control plane, or convert a copy.`,
      EXIT.wrong,
    );
}
