import { closeSync, fsyncSync, openSync, unlinkSync, writeSync } from 'node:fs';
import { CliError, systemCode } from './cli-error.ts';

/**
 * Writes a secret to a file that is new and that only its owner can read. The file is opened before the secret is made: one
 * that cannot be written would be lost.
 * @throws {CliError}
 */
export function writeNewSecret(file: string, make: () => string): string {
  const opened = openNew(file);
  try {
    const secret = make();
    writeSync(opened, `${secret}\n`);
    fsyncSync(opened);
    return secret;
  } catch (error) {
    unlinkSync(file);
    throw error;
  } finally {
    closeSync(opened);
  }
}

function openNew(file: string): number {
  try {
    return openSync(file, 'wx', 0o600);
  } catch (error) {
    const code = systemCode(error);
    throw new CliError(
      code === 'EEXIST'
        ? `${file} is there already and may hold a key; name a new file.`
        : `${file} cannot be written (${code}); check the path and its rights.`,
    );
  }
}
