import { createHash, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LogFiles } from '@vantio/functions/local';
import type { Checkpoint } from '@vantio/schema/tlog/checkpoint';
import {
  createNoteVerifier,
  type NoteKey,
  parseVerifierKey,
  rawPublicKey,
} from '@vantio/schema/tlog/note-keys';
import { TlogError } from '@vantio/schema/tlog/tlog-error';
import { equalHashes } from '@vantio/schema/tlog/tree-hash';
import { CliError, systemCode } from '../../cli-error.ts';
import { loadControlPlane, told } from '../../commands/local-control-plane.ts';
import { EXIT } from '../../exit-codes.ts';
import type { Source } from '../form.ts';

export type LogKey = {
  readonly path: string;
  readonly privateKey: KeyObject;
  /** SHA-256 of the public key in its DER form (SPKI). */
  readonly id: Uint8Array;
};

/** The log of one writer: what it last signed, and its tiles. */
export type Log = {
  readonly directory: string;
  readonly checkpoint: Checkpoint;
  /** The signed note itself. */
  readonly note: string;
  readonly files: LogFiles;
};

/**
 * The key that signs a local ledger's log; never made here.
 * @param writer path of the ledger's files, but for numbers and ending.
 * @throws {CliError}
 */
export async function readLogKey(stateDir: string, writer: string): Promise<LogKey> {
  const { logKeyFile, readSecret } = await loadControlPlane();
  const path = logKeyFile(stateDir, keyInCharge(writer).name);
  let pem: string | undefined;
  try {
    pem = readSecret(path);
  } catch (error) {
    throw told(error);
  }
  if (pem === undefined)
    throw new CliError(
      `${path} does not exist; name the state directory of the control plane that wrote the ledger with --state-dir.`,
    );
  const privateKey = keyOf(pem);
  if (privateKey === undefined)
    throw new CliError(
      `${path} is not an Ed25519 private key (PKCS#8 PEM); put the right one back.`,
    );
  const spki = createPublicKey(privateKey).export({ format: 'der', type: 'spki' });
  return { path, privateKey, id: createHash('sha256').update(spki).digest() };
}

function keyOf(pem: string): KeyObject | undefined {
  try {
    const key = createPrivateKey(pem);
    return key.asymmetricKeyType === 'ed25519' ? key : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The log beside the ledger of a writer. It must be of the key that is to sign: who signs here vouches for the whole log.
 * @param writer path of its files, but for numbers and ending.
 * @throws {CliError}
 */
export async function openLog(writer: string, key: LogKey): Promise<Log> {
  const { createDiskLogFiles, readLastCheckpoint } = await loadControlPlane();
  const directory = `${writer}.log`;
  try {
    const verifierKey = keyInCharge(writer);
    if (!equalHashes(verifierKey.publicKey, rawPublicKey(key.privateKey)))
      throw new CliError(
        `${writer}.vkey is not of the key in ${key.path}; name the state directory of the control plane that wrote the ledger with --state-dir.`,
      );
    const files = createDiskLogFiles(directory);
    const checkpoint = await readLastCheckpoint(files, createNoteVerifier(verifierKey));
    if (checkpoint === undefined)
      throw new CliError(
        `${directory} has no checkpoint; this form wants a ledger that was sealed.`,
      );
    return { directory, checkpoint, note: readText(join(directory, 'checkpoint')), files };
  } catch (error) {
    throw ofLog(directory, error);
  }
}

/** Whose key is to sign for a source: its first writer's. */
export const writerOf = ({ files }: Source): string => files[0]?.writer ?? '';

/** The last of the keys that a log has had: the others handed over. @throws {CliError} */
function keyInCharge(writer: string): NoteKey {
  const file = `${writer}.vkey`;
  try {
    return parseVerifierKey(readText(file).trim().split('\n').at(-1) ?? '');
  } catch (error) {
    throw ofLog(file, error);
  }
}

/** A fault of a log's files, in words. */
export const ofLog = (directory: string, error: unknown): unknown =>
  error instanceof TlogError
    ? new CliError(`${directory}: ${error.message}; see vantio verify.`, EXIT.wrong)
    : error;

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new CliError(
      `${path} cannot be read (${systemCode(error)}); this form wants the ledger of a local control plane, with its log beside it.`,
    );
  }
}
