import assert from 'node:assert/strict';
import { signNote } from '@vantio/schema/tlog/note';
import { createNoteSigner, rawPublicKey } from '@vantio/schema/tlog/note-keys';
import { openRotation, rotationText } from '@vantio/schema/tlog/rotation';
import { EMPTY_ROOT } from '@vantio/schema/tlog/tree-hash';
import { fixedKey } from '@vantio/schema/vectors/fixed-keys';
import type { Target } from '../fuzz.ts';
import { isTlogError } from './refusals.ts';

const ORIGIN = 'vantio.local/00112233445566778899aabbccddeeff';
const privateKeys = [fixedKey('log 1'), fixedKey('log 2')] as const;
const [from, to] = privateKeys.map((key) => ({
  name: ORIGIN,
  type: 'ed25519' as const,
  publicKey: rawPublicKey(key),
}));
if (from === undefined || to === undefined) throw new Error('two keys are made');
const text = rotationText({ head: { origin: ORIGIN, size: 0, root: EMPTY_ROOT }, from, to });
const notes = await Promise.all(
  [privateKeys, privateKeys.toReversed()].map((keys) =>
    signNote(
      text,
      keys.map((key) => createNoteSigner(ORIGIN, key)),
    ),
  ),
);

/** Only the very text that both keys signed hands over, under whatever lines. */
export const rotation: Target = {
  name: 'rotation',
  samples: notes,
  isRefusal: isTlogError,
  judge: (bytes) => assert.equal(rotationText(openRotation(bytes)), text),
};
