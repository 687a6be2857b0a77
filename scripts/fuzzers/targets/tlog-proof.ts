import assert from 'node:assert/strict';
import { formatTlogProof, parseTlogProof, verifyTlogProof } from '@vantio/schema/tlog/tlog-proof';
import { createTreeReader } from '@vantio/schema/tlog/tree-reader';
import type { Target } from '../fuzz.ts';
import { isTlogError } from './refusals.ts';
import { leaves, log, SIZES, signedNotes, signedTexts, tiles } from './signed-samples.ts';

const INDEX = 0;
const leaf = leaves[INDEX] ?? assert.fail('there are no leaves');

/** Of the one leaf in each tree, so that any of the proofs may be spliced into another. */
const samples = await Promise.all(
  signedNotes.map(async (checkpoint, at) => {
    const hashes = await createTreeReader(SIZES[at] ?? 0, tiles.read).inclusion(INDEX);
    const proof = { index: INDEX, hashes, checkpoint };
    return formatTlogProof(at === 1 ? { ...proof, extra: Buffer.from('any') } : proof);
  }),
);

export const tlogProof: Target = {
  name: 'tlog-proof',
  samples,
  isRefusal: isTlogError,
  judge: (text) => {
    const proof = parseTlogProof(text);
    assert.equal(formatTlogProof(proof), text);
    const { note } = verifyTlogProof(proof, leaf, log.verifier);
    assert.ok(signedTexts.includes(note.text));
    assert.equal(proof.index, INDEX);
  },
};
