import { isUtf8 } from 'node:buffer';
import { type Checkpoint, parseCheckpointText } from '../../tlog/checkpoint.ts';
import { type KeyTerm, signersOf } from '../../tlog/key-terms.ts';
import { parseNote, verifyNote } from '../../tlog/note.ts';
import type { NoteKey } from '../../tlog/note-keys.ts';
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
  /** Keys that signed it and were to; the one in charge from there on is last. None if nobody knows who signed. */
  readonly signers: readonly KeyTerm[];
};

const LINES = 3;

/**
 * @param terms of the keys, and of those that they vouch for; none: nobody knows who signed.
 * @returns opens a checkpoint of the form that schema/log.md wants, signed by those that were to; it throws a `TlogError`
 * that says what is wrong with it.
 */
export function createHeadOpener(terms: readonly KeyTerm[], isPinned: boolean) {
  return (bytes: Uint8Array | 'over'): SignedHead => {
    if (bytes === 'over')
      throw new TlogError('bad_note', `the checkpoint is over ${MAX_NOTE_BYTES} bytes`);
    if (!isUtf8(bytes)) throw new TlogError('bad_note', 'the checkpoint is not UTF-8');
    const note = parseNote(Buffer.from(bytes).toString('utf8'));
    const isSigned = verifyNote(note, terms).length > 0;
    const head = parseCheckpointText(note.text);
    if (note.text.split('\n').length !== LINES + 1)
      throw new TlogError(
        'bad_checkpoint',
        `the checkpoint has more than its ${LINES} lines of text`,
      );
    if (terms.length === 0) return { ...head, note, signers: [] };
    if (!isSigned)
      throw new TlogError(
        'unknown_key',
        isPinned
          ? 'the checkpoint is not signed by a log key that was pinned'
          : 'the checkpoint is not signed by the key beside the log',
      );
    const signers = signersOf(note, head, terms);
    for (const { name, keyId } of signers)
      if (note.signatures.filter((line) => line.name === name && line.keyId === keyId).length > 1)
        throw new TlogError('bad_checkpoint', 'the checkpoint is signed twice by the log');
    return { ...head, note, signers };
  };
}
