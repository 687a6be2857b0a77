import { closeSync, openSync, unlinkSync, writeFileSync } from 'node:fs';
import { CliError, systemCode } from '../../cli-error.ts';

/**
 * Makes the file before the work is begun, so that a bad path is told at once. It never replaces one: a slip of the hand must
 * not cost a ledger.
 * @throws {CliError}
 */
export function openReportFile(path: string) {
  let file: number;
  try {
    file = openSync(path, 'wx');
  } catch (error) {
    const code = systemCode(error);
    throw new CliError(
      code === 'EEXIST'
        ? `${path} is there already; name another file with --html.`
        : `${path} cannot be written (${code}); name another file with --html.`,
    );
  }
  return {
    write: (text: string): void => {
      writeFileSync(file, text);
      closeSync(file);
    },
    drop: (): void => {
      closeSync(file);
      unlinkSync(path);
    },
  };
}
