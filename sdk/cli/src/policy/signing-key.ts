import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { CliError, systemCode } from '../cli-error.ts';

/** Ed25519 in PEM (PKCS#8). */
export const makeSigningKey = (): string =>
  String(
    generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' }),
  ).trimEnd();

/** @throws {CliError} naming the file, never the key. */
export function readSigningKey(file: string): KeyObject {
  let key: KeyObject | undefined;
  try {
    key = createPrivateKey(readPrivate(file));
  } catch (error) {
    if (error instanceof CliError) throw error;
    // OpenSSL's words say nothing that a user could act on.
  }
  if (key?.asymmetricKeyType !== 'ed25519')
    throw new CliError(
      `${file} is no Ed25519 key in PEM; make one: vantio policy keygen --out ${file}.`,
    );
  return key;
}

/** The mode is that of the very file that is read. */
function readPrivate(file: string): string {
  let opened: number;
  try {
    opened = openSync(file, 'r');
  } catch (error) {
    throw new CliError(
      `the signing key ${file} cannot be read (${systemCode(error)}); check the path, or make one: vantio policy keygen.`,
    );
  }
  try {
    const stat = fstatSync(opened);
    if (!stat.isFile()) throw new CliError(`the signing key ${file} is not a file.`);
    if (process.platform !== 'win32' && (stat.mode & 0o077) !== 0)
      throw new CliError(
        `the signing key ${file} can be read by others, who could sign policies; make a new one, or, if nobody did, run chmod 600 on it.`,
      );
    return readFileSync(opened, 'utf8');
  } finally {
    closeSync(opened);
  }
}
