import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkpointText } from './checkpoint.ts';
import { signNote } from './note.ts';
import { madeUpLog } from './sample-keys.ts';
import { grow, madeUpLeaves } from './tiles-in-memory.ts';
import { formatTlogProof, parseTlogProof, verifyTlogProof } from './tlog-proof.ts';
import { createTreeReader } from './tree-reader.ts';

const ORIGIN = 'example.com/fancylog';
const log = madeUpLog(ORIGIN);
const SIZE = 300;
const leaves = madeUpLeaves(SIZE);
const { edge, tiles } = await grow(leaves);
const checkpoint = await signNote(
  checkpointText({ origin: ORIGIN, size: SIZE, root: edge.root() }),
  [log.signer],
);
const leafAt = (index: number): Uint8Array => leaves[index] ?? assert.fail(`no leaf ${index}`);
const proofOf = async (index: number) => ({
  index,
  hashes: await createTreeReader(SIZE, tiles.read).inclusion(index),
  checkpoint,
});

test('a proof reads back as itself, with and without extra data, and holds', async () => {
  for (const index of [0, 1, 255, 256, SIZE - 1])
    for (const extra of [undefined, Buffer.from('any'), Buffer.alloc(0)]) {
      const text = formatTlogProof({
        ...(await proofOf(index)),
        ...(extra === undefined ? {} : { extra }),
      });
      const read = parseTlogProof(text);
      assert.equal(formatTlogProof(read), text);
      assert.deepEqual(read.extra && Buffer.from(read.extra), extra);
      assert.equal(verifyTlogProof(read, leafAt(index), log.verifier).size, SIZE);
    }
});

test('the proof of a tree of one leaf has no hashes', async () => {
  const { edge: single } = await grow(leaves.slice(0, 1));
  const note = await signNote(checkpointText({ origin: ORIGIN, size: 1, root: single.root() }), [
    log.signer,
  ]);
  const text = `c2sp.org/tlog-proof@v1\nindex 0\n\n${note}`;
  assert.equal(formatTlogProof({ index: 0, hashes: [], checkpoint: note }), text);
  assert.equal(verifyTlogProof(parseTlogProof(text), leafAt(0), log.verifier).size, 1);
});

test('a proof is of its entry, index, log and tree', async () => {
  const proof = await proofOf(7);
  const verify =
    (changes: Partial<typeof proof>, leaf = leafAt(7), key = log.verifier) =>
    () =>
      verifyTlogProof({ ...proof, ...changes }, leaf, key);
  assert.throws(verify({}, leafAt(8)), { code: 'bad_proof' });
  assert.throws(verify({ index: 6 }), { code: 'bad_proof' });
  assert.throws(verify({ index: SIZE }), { code: 'bad_index' });
  assert.throws(verify({ hashes: proof.hashes.slice(1) }), { code: 'bad_proof' });
  assert.throws(verify({ hashes: proof.hashes.toReversed() }), { code: 'bad_proof' });
  assert.throws(verify({}, leafAt(7), madeUpLog(ORIGIN, 'another key').verifier), {
    code: 'unknown_key',
  });
  assert.throws(verify({ checkpoint: checkpoint.replace(`\n${SIZE}\n`, '\n299\n') }), {
    code: 'bad_signature',
  });
  assert.throws(verify({ checkpoint: '' }), { code: 'bad_note' });
});

test('a text that is no proof is refused', async () => {
  const good = formatTlogProof({ ...(await proofOf(7)), extra: Buffer.from('any') });
  const hash = good.split('\n')[3] ?? assert.fail();
  for (const [what, text] of [
    ['nothing', ''],
    ['a checkpoint', checkpoint],
    ['another version', good.replace('@v1', '@v2')],
    ['a line before', `\n${good}`],
    ['CRLF', good.replaceAll('\n', '\r\n')],
    ['no checkpoint', good.slice(0, good.indexOf('\n\n'))],
    ['extra data that is not base64', good.replace('extra ', 'extra !')],
    ['extra data without padding', good.replace('extra YW55', 'extra YW5')],
    ['extra data twice', good.replace('extra', 'extra YW55\nextra')],
    ['no space after extra', good.replace('extra ', 'extra')],
    ['extra data after the index', good.replace(/(extra .*)\n(index 7)/, '$2\n$1')],
    ['no index', good.replace('index 7\n', '')],
    ['an index without a number', good.replace('index 7', 'index ')],
    ['a leading zero', good.replace('index 7', 'index 07')],
    ['an index of NaN', good.replace('index 7', 'index NaN')],
    ['below zero', good.replace('index 7', 'index -7')],
    ['a space after the index', good.replace('index 7', 'index 7 ')],
    ['an index of 2^53 - 1', good.replace('index 7', `index ${2 ** 53 - 1}`)],
    ['an index of 2^64', good.replace('index 7', 'index 18446744073709551616')],
    ['a hash that is short', good.replace(hash, Buffer.alloc(31).toString('base64'))],
    ['a hash that is long', good.replace(hash, Buffer.alloc(33).toString('base64'))],
    ['a hash that is not base64', good.replace(hash, `${hash.slice(1)}!`)],
    ['a space after a hash', good.replace(hash, `${hash} `)],
    ['64 hashes', good.replace(hash, Array(64).fill(hash).join('\n'))],
  ] as const)
    assert.throws(() => parseTlogProof(text), { name: 'TlogError', code: 'bad_proof' }, what);
});
