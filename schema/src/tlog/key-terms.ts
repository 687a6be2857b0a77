import type { TreeHead } from './checkpoint.ts';
import { type Note, type NoteVerifier, verifyNote } from './note.ts';
import { createNoteVerifier, type NoteKey } from './note-keys.ts';
import type { Rotation } from './rotation.ts';
import { TlogError } from './tlog-error.ts';

/** A key of a log, and the sizes of the trees that it signs, both inclusive. */
export type KeyTerm = NoteVerifier & {
  readonly key: NoteKey;
  readonly first: number;
  /** Infinity: it has not handed over. */
  readonly last: number;
  /** It stands in a chain of rotations: at the size where it hands over, the next key has to sign as well. */
  readonly isChained: boolean;
};

const isSame = (a: NoteKey, b: NoteKey): boolean =>
  a.name === b.name && a.type === b.type && Buffer.compare(a.publicKey, b.publicKey) === 0;

/**
 * Who signs a log when. Both keys of a rotation signed it, so that whoever trusts one key of the chain trusts all; a chain of
 * which no key was pinned is nobody's word. Pinned keys outside of the chain sign trees of any size.
 * @param rotations each opened, in their order from the first.
 * @throws {TlogError} if they are no chain, or none of its keys was pinned.
 */
export function termsOf(
  pinned: readonly NoteKey[],
  rotations: readonly Rotation[],
): readonly KeyTerm[] {
  const chain = chainOf(rotations);
  if (chain.length > 0 && !chain.some(({ key }) => pinned.some((pin) => isSame(pin, key))))
    throw new TlogError('unknown_key', 'no key that was pinned is one of the rotation');
  const loose = pinned
    .filter((pin) => !chain.some(({ key }) => isSame(pin, key)))
    .map((key) => term(key, 0, Number.POSITIVE_INFINITY, false));
  return [...chain, ...loose];
}

function chainOf(rotations: readonly Rotation[]): readonly KeyTerm[] {
  const keys: NoteKey[] = [];
  for (const { from, to, head } of rotations) {
    const at = keys.length - 1;
    const before = keys[at];
    if (before === undefined) keys.push(from);
    else if (!isSame(before, from))
      throw new TlogError('unknown_key', 'the key that hands over is not the one that signed');
    if (at > 0 && head.size <= (rotations[at - 1] as Rotation).head.size)
      throw new TlogError('inconsistent', 'a rotation is of no larger tree than the one before');
    const id = createNoteVerifier(to).keyId;
    if (keys.some((key) => createNoteVerifier(key).keyId === id))
      throw new TlogError('bad_key', 'a rotation hands over to a key that had handed over');
    keys.push(to);
  }
  return keys.map((key, at) =>
    term(
      key,
      rotations[at - 1]?.head.size ?? 0,
      rotations[at]?.head.size ?? Number.POSITIVE_INFINITY,
      true,
    ),
  );
}

const term = (key: NoteKey, first: number, last: number, isChained: boolean): KeyTerm => ({
  ...createNoteVerifier(key),
  key,
  first,
  last,
  isChained,
});

/**
 * The keys that signed a checkpoint and were to sign a tree of its size; of several, the one in charge from there on is last.
 * @throws {TlogError} if a signature does not hold, or no key signed that was to.
 */
export function signersOf(
  note: Note,
  { origin, size }: Pick<TreeHead, 'origin' | 'size'>,
  terms: readonly KeyTerm[],
): readonly KeyTerm[] {
  const signed = verifyNote(note, terms);
  if (signed.length === 0)
    throw new TlogError('unknown_key', 'the checkpoint is not signed by a key of the log');
  const own = signed.filter(({ name }) => name === origin);
  if (own.length === 0)
    throw new TlogError(
      'other_log',
      'the checkpoint is of another origin than the key that signed it',
    );
  const due = terms.filter(
    ({ name, isChained, first, last }) =>
      isChained && name === origin && first <= size && size <= last,
  );
  const signers = own.filter((each) => !each.isChained || due.includes(each));
  if (signers.every(({ isChained }) => isChained) && !due.every((each) => signers.includes(each)))
    throw new TlogError(
      'unknown_key',
      'the checkpoint is signed by a key of the log, but not by each one that was to sign a tree of its size',
    );
  return signers;
}

/**
 * Whether all that signed a tree of that size had been revoked by records in it.
 * @param revoked index of the record that revokes a key, by the key's id.
 */
export const areRevoked = (
  signers: readonly Pick<KeyTerm, 'keyId'>[],
  size: number,
  revoked: (keyId: string) => number | undefined,
): boolean =>
  signers.length > 0 &&
  signers.every(({ keyId }) => (revoked(keyId) ?? Number.POSITIVE_INFINITY) < size);
