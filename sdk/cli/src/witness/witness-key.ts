import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { cosign, witnessKeyOf } from '@vantio/schema/tlog/cosignature';
import { HAS_ML_DSA_44, NO_ML_DSA_44 } from '@vantio/schema/tlog/cosignature-ml-dsa';
import { formatVerifierKey, type NoteKey } from '@vantio/schema/tlog/note-keys';
import { CliError, systemCode } from '../cli-error.ts';

export const WITNESS_ALGORITHMS = ['ed25519', 'ml-dsa-44'] as const;
export type WitnessAlgorithm = (typeof WITNESS_ALGORITHMS)[number];

/** A witness as it signs. */
export type Cosigner = {
  readonly key: NoteKey;
  /** @returns the signature line under a checkpoint. @param time seconds since the epoch. */
  readonly cosign: (text: string, time: number) => string;
};

/**
 * A key file: the verifier key, which holds the name, and under it the private key in PEM (PKCS#8).
 * @throws {CliError} if this runtime has no such algorithm.
 */
export function makeWitnessKey(name: string, algorithm: WitnessAlgorithm): string {
  if (algorithm === 'ml-dsa-44' && !HAS_ML_DSA_44) throw new CliError(`${NO_ML_DSA_44}.`);
  const { privateKey } =
    algorithm === 'ed25519' ? generateKeyPairSync('ed25519') : generateKeyPairSync('ml-dsa-44');
  const pem = String(privateKey.export({ format: 'pem', type: 'pkcs8' })).trimEnd();
  return `${formatVerifierKey(witnessKeyOf(name, privateKey))}\n${pem}`;
}

/** The first line, which others pin. */
export const verifierKeyIn = (keyFile: string): string => keyFile.split('\n', 1)[0] ?? '';

/** @throws {CliError} naming the file, never the key. */
export function readWitnessKey(file: string): Cosigner {
  const text = readSecretFile(file);
  const vkey = verifierKeyIn(text);
  const name = vkey.split('+', 1)[0] ?? '';
  const privateKey = privateKeyIn(text.slice(vkey.length + 1), file);
  const key = witnessKeyOf(name, privateKey);
  if (formatVerifierKey(key) !== vkey)
    throw new CliError(
      `witness key ${file} has a verifier key that is not of its private key; restore the file.`,
    );
  return { key, cosign: (note, time) => cosign(note, time, name, privateKey) };
}

function privateKeyIn(pem: string, file: string): KeyObject {
  let key: KeyObject | undefined;
  try {
    key = createPrivateKey(pem);
  } catch {
    // OpenSSL's words say nothing that a user could act on.
  }
  if (!(WITNESS_ALGORITHMS as readonly unknown[]).includes(key?.asymmetricKeyType) || !key)
    throw new CliError(
      `witness key ${file} is not one that this runtime can use; make one: vantio witness keygen.`,
    );
  return key;
}

/** The mode is that of the very file that is read. */
function readSecretFile(file: string): string {
  let opened: number;
  try {
    opened = openSync(file, 'r');
  } catch (error) {
    throw new CliError(
      `witness key ${file} cannot be read (${systemCode(error)}); make one: vantio witness keygen.`,
    );
  }
  try {
    const stat = fstatSync(opened);
    if (!stat.isFile()) throw new CliError(`witness key ${file} is not a file.`);
    if (process.platform !== 'win32' && (stat.mode & 0o077) !== 0)
      throw new CliError(
        `witness key ${file} can be read by others, who could cosign in its name; make a new one, or, if nobody did, run chmod 600 on it.`,
      );
    return readFileSync(opened, 'utf8');
  } finally {
    closeSync(opened);
  }
}
