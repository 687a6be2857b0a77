import {
  decodeBase64,
  encodeBase64,
  type Note,
  type NoteVerifier,
  parseNote,
  verifyNote,
} from './note.ts';
import { MAX_TREE_SIZE } from './subtrees.ts';
import { TlogError } from './tlog-error.ts';
import { EMPTY_ROOT, equalHashes, HASH_BYTES } from './tree-hash.ts';

/** What a log signs: so many leaves, this root (C2SP tlog-checkpoint). */
export type TreeHead = {
  readonly origin: string;
  readonly size: number;
  readonly root: Uint8Array;
};

/** A checkpoint whose log is known, as one file. */
export type Checkpoint = TreeHead & { readonly note: Note };

/** Text to be signed. */
export const checkpointText = ({ origin, size, root }: TreeHead): string =>
  `${origin}\n${size}\n${encodeBase64(root)}\n`;

/**
 * Reads the text of a checkpoint. It may be an attacker's.
 * @throws {TlogError}
 */
export function parseCheckpointText(text: string): TreeHead {
  const lines = text.slice(0, -1).split('\n');
  const [origin = '', size = '', root = ''] = lines;
  if (!text.endsWith('\n') || lines.length < 3 || lines.includes(''))
    throw new TlogError('bad_checkpoint', 'the checkpoint is not three or more non-empty lines');
  if (!/^(0|[1-9][0-9]{0,19})$/.test(size))
    throw new TlogError('bad_checkpoint', 'the second line of the checkpoint is not a tree size');
  if (Number(size) > MAX_TREE_SIZE)
    throw new TlogError('bad_size', 'the tree size of the checkpoint is over 2^53 - 1');
  const hash = decodeBase64(root);
  if (hash?.length !== HASH_BYTES)
    throw new TlogError('bad_checkpoint', 'the third line of the checkpoint is not a root hash');
  if (size === '0' && !equalHashes(hash, EMPTY_ROOT))
    throw new TlogError('bad_checkpoint', 'the empty tree of the checkpoint has another root');
  return { origin, size: Number(size), root: hash };
}

/**
 * Reads a checkpoint and holds it to the log's key: signed by it, and of the origin that the key names.
 * @param log its key, or all that it has had: one of them is enough. Whoever trusts a log less asks `signersOf`.
 * @throws {TlogError}
 */
export function openCheckpoint(
  bytes: string,
  log: NoteVerifier | readonly NoteVerifier[],
): Checkpoint {
  const note = parseNote(bytes);
  const signed = verifyNote(note, 'verify' in log ? [log] : log);
  if (signed.length === 0)
    throw new TlogError('unknown_key', 'the checkpoint is not signed by the key that was named');
  const head = parseCheckpointText(note.text);
  if (signed.every(({ name }) => name !== head.origin))
    throw new TlogError(
      'other_log',
      'the checkpoint is of another log than the key that signed it',
    );
  return { ...head, note };
}
