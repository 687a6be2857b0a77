import { CliError } from '../../cli-error.ts';
import type { LedgerFile } from '../../ledger/ledger-family.ts';
import { isDirectory } from './log-directory.ts';

/** A log, and whose lines are its entries. */
export type FoundLog = {
  readonly writer: string;
  readonly directory: string;
  /** Where the log's own verifier key lies. */
  readonly keyFile: string;
};

/**
 * The logs beside ledgers: `NAME.log` for the files of `NAME.ndjson`.
 * @param named by the user, for the first of the writers.
 * @throws {CliError} if what was named is not there.
 */
export function findLogs(
  files: readonly LedgerFile[],
  named: string | undefined,
): readonly FoundLog[] {
  if (named !== undefined && !isDirectory(named))
    throw new CliError(
      `--log wants the directory of a log, such as ledger.log, and ${named} is none.`,
    );
  const writers = [...new Set(files.map(({ writer }) => writer))];
  return writers.flatMap((writer, at) => {
    const beside = `${writer.replace(/\.ndjson$/, '')}.log`;
    const directory = at === 0 && named !== undefined ? named.replace(/\/+$/, '') : beside;
    if (!isDirectory(directory)) return [];
    return [{ writer, directory, keyFile: `${directory.replace(/\.log$/, '')}.vkey` }];
  });
}
