import type { KeyObject } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { termsOf } from '@vantio/schema/tlog/key-terms';
import { formatVerifierKey, type NoteKey, rawPublicKey } from '@vantio/schema/tlog/note-keys';
import { equalHashes } from '@vantio/schema/tlog/tree-hash';
import type { LogFiles } from '../../log/log-files.ts';
import { readRotations } from '../../log/read-rotations.ts';
import { hasNextLogKey, openLogKey, openNextLogKey, promoteNextLogKey } from '../keys/log-key.ts';
import { replaceFile, StateDirError } from '../keys/state-dir.ts';

/** Who signs a log. */
export type LogIdentity = {
  readonly origin: string;
  readonly privateKey: KeyObject;
  /** All keys that the log has had; the last one signs. */
  readonly keys: readonly [NoteKey, ...NoteKey[]];
  /** Rotations so far. */
  readonly rotations: number;
};

export type IdentityOptions = {
  readonly origin: string;
  readonly stateDir: string;
  readonly files: LogFiles;
  /** The log's `.vkey`. */
  readonly verifierKeyFile: string;
};

/**
 * The key in charge of a log, by the log's own rotation notes. A rotation that was cut short after its note is finished: from
 * the note on only the next key signs.
 * @throws {StateDirError | TlogError} if the key that is to sign is not there, or the `.vkey` is of another log.
 */
export async function openLogIdentity(options: IdentityOptions): Promise<LogIdentity> {
  const { origin, stateDir, files, verifierKeyFile } = options;
  const rotations = await readRotations(files);
  const chain = chainOf(rotations);
  const last = chain.at(-1);
  const isLast = (key: KeyObject): boolean =>
    last === undefined || equalHashes(rawPublicKey(key), last.publicKey);
  let privateKey = openLogKey(stateDir, origin);
  if (!isLast(privateKey) && hasNextLogKey(stateDir, origin)) {
    if (isLast(openNextLogKey(stateDir, origin))) promoteNextLogKey(stateDir, origin);
    privateKey = openLogKey(stateDir, origin);
  }
  const own = { name: origin, type: 'ed25519', publicKey: rawPublicKey(privateKey) } as const;
  const [first = own, ...more] = chain;
  publishVerifierKeys(verifierKeyFile, [first, ...more], isLast(privateKey));
  return { origin, privateKey, keys: [first, ...more], rotations: rotations.length };
}

function chainOf(rotations: Awaited<ReturnType<typeof readRotations>>): readonly NoteKey[] {
  const [first] = rotations;
  return first === undefined ? [] : termsOf([first.from], rotations).map(({ key }) => key);
}

/** The keys that readers pin are never replaced behind their back; those that took over are added. */
function publishVerifierKeys(path: string, keys: readonly NoteKey[], isOurs: boolean): void {
  const text = keys.map((key) => `${formatVerifierKey(key)}\n`).join('');
  const there = existsSync(path) ? readFileSync(path, 'utf8') : '';
  const isBeginning = there === '' || (text.startsWith(there) && there.endsWith('\n'));
  if (!isOurs || !isBeginning)
    throw new StateDirError(
      'bad_state',
      `${path} is of another ledger or of another key than log.pem in the state directory. Put the right ones together, or move the .vkey and the .log away to begin a log anew`,
    );
  if (there !== text) replaceFile(path, text, 0o644);
}
