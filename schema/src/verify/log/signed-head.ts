import { isUtf8 } from 'node:buffer';
import { type Checkpoint, parseCheckpointText } from '../../tlog/checkpoint.ts';
import { parseNote, verifyNote } from '../../tlog/note.ts';
import { createNoteVerifier, type NoteKey } from '../../tlog/note-keys.ts';
import { TlogError } from '../../tlog/tlog-error.ts';
import { MAX_NOTE_BYTES } from './log-files.ts';

/** Keys that may sign the checkpoints of a log. */
export type LogKeys = {
  /** None: nobody knows who signed. */
  readonly keys: readonly NoteKey[];
  /** They come from the user, and not from beside the log. */
  readonly isPinned: boolean;
};

export type SignedHead = Checkpoint & {
  /** Undefined if nobody knows who signed. */
  readonly key: NoteKey | undefined;
};

const LINES = 3;

/**
 * @throws {TlogError} if a key is not one of a log.
 * @returns opens a checkpoint of the form that schema/log.md wants, signed by one of the keys; it throws a `TlogError` that
 * says what is wrong with it.
 */
export function createHeadOpener({ keys, isPinned }: LogKeys) {
  const signers = keys.map((key) => ({ key, ...createNoteVerifier(key) }));
  return (bytes: Uint8Array | 'over'): SignedHead => {
    if (bytes === 'over')
      throw new TlogError('bad_note', `the checkpoint is over ${MAX_NOTE_BYTES} bytes`);
    if (!isUtf8(bytes)) throw new TlogError('bad_note', 'the checkpoint is not UTF-8');
    const note = parseNote(Buffer.from(bytes).toString('utf8'));
    const signed = verifyNote(note, signers);
    const head = parseCheckpointText(note.text);
    if (note.text.split('\n').length !== LINES + 1)
      throw new TlogError(
        'bad_checkpoint',
        `the checkpoint has more than its ${LINES} lines of text`,
      );
    if (signers.length === 0) return { ...head, note, key: undefined };
    if (signed.length === 0)
      throw new TlogError(
        'unknown_key',
        isPinned
          ? 'the checkpoint is not signed by a log key that was pinned'
          : 'the checkpoint is not signed by the key beside the log',
      );
    const signer = signers.find((each) => signed.includes(each) && each.name === head.origin);
    if (signer === undefined)
      throw new TlogError(
        'other_log',
        'the checkpoint is of another origin than the key that signed it',
      );
    const { name, keyId, key } = signer;
    const lines = note.signatures.filter((line) => line.name === name && line.keyId === keyId);
    if (lines.length > 1)
      throw new TlogError('bad_checkpoint', 'the checkpoint is signed twice by the log');
    return { ...head, note, key };
  };
}
