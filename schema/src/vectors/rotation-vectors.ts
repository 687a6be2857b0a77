import { createHash } from 'node:crypto';
import { checkpointText, parseCheckpointText, type TreeHead } from '../tlog/checkpoint.ts';
import { areRevoked, signersOf, termsOf } from '../tlog/key-terms.ts';
import { parseNote, signatureLine } from '../tlog/note.ts';
import {
  createNoteSigner,
  formatVerifierKey,
  parseVerifierKey,
  rawPublicKey,
} from '../tlog/note-keys.ts';
import { openRotation, rotationText } from '../tlog/rotation.ts';
import { TlogError } from '../tlog/tlog-error.ts';
import { fixedKey } from './fixed-keys.ts';

/** Notes of rotations, and a checkpoint: who signed it, or that it is refused. */
export type RotationVector = {
  readonly name: string;
  /** Verifier keys. */
  readonly pinned: readonly string[];
  readonly rotations: readonly string[];
  /** Key id, and index of the record that revokes it. */
  readonly revoked: readonly (readonly [string, number])[];
  readonly checkpoint: string;
  /** Key ids, in the order of the keys. */
  readonly signed_by?: readonly string[];
};

const ORIGIN = 'vantio.local/00112233445566778899aabbccddeeff';

const signerOf = (label: string, name = ORIGIN) => {
  const privateKey = fixedKey(label);
  const key = { name, type: 'ed25519', publicKey: rawPublicKey(privateKey) } as const;
  return { key, vkey: formatVerifierKey(key), ...createNoteSigner(name, privateKey) };
};
type Signer = ReturnType<typeof signerOf>;

const [first, second, third, thief] = ['log 1', 'log 2', 'log 3', 'thief'].map((label) =>
  signerOf(label),
) as [Signer, Signer, Signer, Signer];

const headOf = (size: number, origin = ORIGIN): TreeHead => ({
  origin,
  size,
  root: createHash('sha256').update(`tree of ${size}`).digest(),
});

const signed = (text: string, signers: readonly Signer[]): string =>
  `${text}\n${signers.map((signer) => `${signatureLine(signer, signer.sign(text) as Uint8Array)}\n`).join('')}`;

const checkpoint = (size: number, ...signers: Signer[]): string =>
  signed(checkpointText(headOf(size)), signers);

const rotation = (size: number, from: Signer, to: Signer, signers = [from, to]): string =>
  signed(rotationText({ head: headOf(size), from: from.key, to: to.key }), signers);

const handover = rotation(20, first, second);
const chain = [handover, rotation(40, second, third)];
const elsewhere = signerOf('log 2', 'vantio.local/ffffffffffffffffffffffffffffffff');

type Case = Partial<RotationVector> & Pick<RotationVector, 'name' | 'checkpoint'>;

const ACCEPT: readonly Case[] = [
  { name: 'a key that never handed over', checkpoint: checkpoint(30, first), rotations: [] },
  { name: 'the key before it hands over', checkpoint: checkpoint(19, first) },
  { name: 'both keys where one hands over', checkpoint: checkpoint(20, first, second) },
  { name: 'both keys, the next one first', checkpoint: checkpoint(20, second, first) },
  { name: 'the next key, with the one before pinned', checkpoint: checkpoint(21, second) },
  {
    name: 'the key before, with the next one pinned',
    pinned: [second.vkey],
    checkpoint: checkpoint(19, first),
  },
  {
    name: 'both keys before the handover, which a crash had begun',
    checkpoint: checkpoint(19, first, second),
  },
  {
    name: 'the third key, with the first one pinned',
    rotations: chain,
    checkpoint: checkpoint(41, third),
  },
  {
    name: 'two keys that are pinned, and no rotation',
    pinned: [first.vkey, second.vkey],
    rotations: [],
    checkpoint: checkpoint(30, second),
  },
  {
    name: 'the key that was revoked, before it was',
    revoked: [[first.keyId, 30]],
    checkpoint: checkpoint(12, first),
  },
  {
    name: 'both keys, of which one was revoked before',
    revoked: [[first.keyId, 3]],
    checkpoint: checkpoint(20, first, second),
  },
];

const REJECT: readonly Case[] = [
  { name: 'the key after it handed over', checkpoint: checkpoint(21, first) },
  { name: 'the key alone where it hands over', checkpoint: checkpoint(20, first) },
  { name: 'the next key alone where it takes over', checkpoint: checkpoint(20, second) },
  { name: 'the next key before it takes over', checkpoint: checkpoint(19, second) },
  { name: 'the next key without a rotation', rotations: [], checkpoint: checkpoint(21, second) },
  { name: 'the third key without its rotation', checkpoint: checkpoint(41, third) },
  { name: 'a key that nobody vouches for', checkpoint: checkpoint(21, thief) },
  {
    name: 'a rotation of keys of which none is pinned',
    rotations: [rotation(20, thief, second)],
    checkpoint: checkpoint(21, second),
  },
  {
    name: 'a rotation that the outgoing key did not sign',
    rotations: [rotation(20, first, thief, [thief])],
    checkpoint: checkpoint(21, thief),
  },
  {
    name: 'a rotation that the next key did not sign',
    rotations: [rotation(20, first, second, [first])],
    checkpoint: checkpoint(21, second),
  },
  {
    name: 'a rotation whose outgoing signature is of another size',
    rotations: [`${handover.split('\n\n')[0]}\n\n${rotation(21, first, second).split('\n\n')[1]}`],
    checkpoint: checkpoint(22, second),
  },
  {
    name: 'a rotation by a key that was not the signer',
    rotations: [handover, rotation(40, thief, third)],
    checkpoint: checkpoint(41, third),
  },
  {
    name: 'a rotation by a key that had handed over',
    rotations: [handover, rotation(40, first, third)],
    checkpoint: checkpoint(41, third),
  },
  {
    name: 'a rotation back to a key that had handed over',
    rotations: [handover, rotation(40, second, first)],
    checkpoint: checkpoint(41, first),
  },
  {
    name: 'a rotation of no larger tree than the one before',
    rotations: [handover, rotation(20, second, third)],
    checkpoint: checkpoint(21, third),
  },
  {
    name: 'a rotation to the same key',
    rotations: [rotation(20, first, first, [first])],
    checkpoint: checkpoint(21, first),
  },
  {
    name: 'a rotation to a key of another log',
    rotations: [
      signed(rotationText({ head: headOf(20), from: first.key, to: elsewhere.key }), [
        first,
        elsewhere,
      ]),
    ],
    checkpoint: checkpoint(21, second),
  },
  {
    name: 'a rotation note without the next key',
    rotations: [signed(`${checkpointText(headOf(20))}from ${first.vkey}\n`, [first, second])],
    checkpoint: checkpoint(21, second),
  },
  {
    name: 'a rotation note with one line more',
    rotations: [
      signed(`${rotationText({ head: headOf(20), from: first.key, to: second.key })}x\n`, [
        first,
        second,
      ]),
    ],
    checkpoint: checkpoint(21, second),
  },
  {
    name: 'the key that was revoked, in a tree that says so',
    pinned: [first.vkey, second.vkey],
    rotations: [],
    revoked: [[first.keyId, 29]],
    checkpoint: checkpoint(30, first),
  },
];

const whole = (vector: Case): RotationVector => ({
  pinned: [first.vkey],
  rotations: [handover],
  revoked: [],
  ...vector,
});

export function rotationVectors() {
  return {
    accept: ACCEPT.map(whole).map((vector) => ({ ...vector, signed_by: signersIn(vector) })),
    reject: REJECT.map(whole),
  };
}

/** Ids of the keys that signed the checkpoint of a vector and were to; undefined: it is refused. */
export function signersIn(vector: RotationVector): readonly string[] | undefined {
  try {
    const keys = vector.pinned.map(parseVerifierKey);
    const terms = termsOf(keys, vector.rotations.map(openRotation));
    const note = parseNote(vector.checkpoint);
    const head = parseCheckpointText(note.text);
    const signers = signersOf(note, head, terms);
    const revoked = new Map(vector.revoked);
    return areRevoked(signers, head.size, (keyId) => revoked.get(keyId))
      ? undefined
      : signers.map(({ keyId }) => keyId);
  } catch (error) {
    if (error instanceof TlogError) return undefined;
    throw error;
  }
}
