import { isWeakKey } from '../weak-keys.ts';
import { checkpointText, parseCheckpointText, type TreeHead } from './checkpoint.ts';
import { parseNote, verifyNote } from './note.ts';
import {
  createNoteVerifier,
  formatVerifierKey,
  type NoteKey,
  parseVerifierKey,
} from './note-keys.ts';
import { TlogError } from './tlog-error.ts';

/** A key of a log hands over to the next, at the tree that holds the record of it: schema/log.md, section 6. */
export type Rotation = {
  readonly head: TreeHead;
  readonly from: NoteKey;
  readonly to: NoteKey;
};

/** Text that both keys sign: a checkpoint with two extension lines. */
export const rotationText = ({ head, from, to }: Rotation): string =>
  `${checkpointText(head)}from ${formatVerifierKey(from)}\nto ${formatVerifierKey(to)}\n`;

/**
 * Reads a rotation note and holds it to the keys that it names: whose keys they are is for `termsOf` to say. It may be an
 * attacker's.
 * @throws {TlogError}
 */
export function openRotation(bytes: string): Rotation {
  const note = parseNote(bytes);
  const head = parseCheckpointText(note.text);
  const lines = note.text.slice(0, -1).split('\n');
  const [, , , from = '', to = ''] = lines;
  if (lines.length !== 5 || !from.startsWith('from ') || !to.startsWith('to '))
    throw new TlogError('bad_note', 'a rotation note has two lines after its root: from, and to');
  const rotation = {
    head,
    from: logKeyOf(from.slice('from '.length), head),
    to: logKeyOf(to.slice('to '.length), head),
  };
  const verifiers = [rotation.from, rotation.to].map(createNoteVerifier);
  if (verifiers[0]?.keyId === verifiers[1]?.keyId)
    throw new TlogError('bad_key', 'a rotation note hands over to a key of the same id');
  if (verifyNote(note, verifiers).length !== verifiers.length)
    throw new TlogError('unknown_key', 'a rotation note is not signed by both of its keys');
  return rotation;
}

function logKeyOf(text: string, { origin }: TreeHead): NoteKey {
  const key = parseVerifierKey(text);
  if (key.name !== origin)
    throw new TlogError('other_log', 'a rotation note names a key of another log');
  if (key.type !== 'ed25519' || isWeakKey(Buffer.from(key.publicKey).toString('hex')))
    throw new TlogError('bad_key', 'a rotation note names a key that is not one of a log');
  return key;
}
