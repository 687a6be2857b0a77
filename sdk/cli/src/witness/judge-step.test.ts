import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Checkpoint } from '@vantio/schema/tlog/checkpoint';
import { checkpointText, parseCheckpointText } from '@vantio/schema/tlog/checkpoint';
import { termsOf } from '@vantio/schema/tlog/key-terms';
import { parseNote, signNote } from '@vantio/schema/tlog/note';
import { createNoteSigner, parseVerifierKey, rawPublicKey } from '@vantio/schema/tlog/note-keys';
import { openRotation, rotationText } from '@vantio/schema/tlog/rotation';
import { EMPTY_ROOT } from '@vantio/schema/tlog/tree-hash';
import { fixedKey, type SampleLog, sampleLog } from '../testing/sample-log.ts';
import { temporaryDirectory } from '../testing/temporary-directory.ts';
import { judgeStep, openStep } from './judge-step.ts';

const termsOfLog = (log: SampleLog) => (origin: string) =>
  origin === log.origin ? termsOf([parseVerifierKey(log.vkey)], []) : [];

const opened = (bytes: string): Checkpoint => {
  const note = parseNote(bytes);
  return { ...parseCheckpointText(note.text), note };
};

const faultOf = (judged: object): unknown => ('fault' in judged ? judged.fault : judged);

test('a first checkpoint of any size is cosigned, and nothing is to be proved', async (t) => {
  const log = await sampleLog(temporaryDirectory(t));
  const checkpoint = opened(await log.grow(300));
  assert.deepEqual(judgeStep({ seen: undefined, checkpoint }), { verdict: 'cosign', checkpoint });
  assert.equal(judgeStep({ seen: undefined, checkpoint, proof: [] }).verdict, 'cosign');
  const proof = [checkpoint.root];
  assert.equal(faultOf(judgeStep({ seen: undefined, checkpoint, proof })), 'bad_proof');
});

test('what was seen and signed before is cosigned again: a replay changes nothing', async (t) => {
  const checkpoint = opened(await (await sampleLog(temporaryDirectory(t))).grow(5));
  assert.equal(judgeStep({ seen: checkpoint, checkpoint }).verdict, 'cosign');
  assert.equal(judgeStep({ seen: checkpoint, checkpoint, proof: [], old: 5 }).verdict, 'cosign');
  const proof = [checkpoint.root];
  assert.equal(faultOf(judgeStep({ seen: checkpoint, checkpoint, proof })), 'bad_proof');
});

test('a larger tree is cosigned on a proof that holds, for every pair of sizes up to 20', async (t) => {
  const log = await sampleLog(temporaryDirectory(t));
  const notes = new Map<number, Checkpoint>();
  for (let size = 1; size <= 20; size++) notes.set(size, opened(await log.grow(size)));
  for (const [first, seen] of notes)
    for (const [second, checkpoint] of notes) {
      if (first >= second) continue;
      assert.deepEqual(judgeStep({ seen, checkpoint }), { verdict: 'prove', first, second });
      const proof = await log.consistency(first, second);
      assert.equal(judgeStep({ seen, checkpoint, proof }).verdict, 'cosign');
      assert.equal(faultOf(judgeStep({ seen, checkpoint, proof: proof.slice(1) })), 'bad_proof');
      const long = [...proof, checkpoint.root];
      assert.equal(faultOf(judgeStep({ seen, checkpoint, proof: long })), 'bad_proof');
      const [head = new Uint8Array(32), ...tail] = proof;
      const bent = [head.map((byte) => byte ^ 1), ...tail];
      assert.equal(faultOf(judgeStep({ seen, checkpoint, proof: bent })), 'inconsistent');
    }
});

test('the empty tree is the beginning of every other', async (t) => {
  const log = await sampleLog(temporaryDirectory(t));
  const seen = { origin: log.origin, size: 0, root: EMPTY_ROOT };
  const checkpoint = opened(await log.grow(3));
  assert.equal(judgeStep({ seen, checkpoint }).verdict, 'cosign');
});

test('two trees of one size are a fork, whatever the proof or the old size says', async (t) => {
  const directory = temporaryDirectory(t);
  const [one, other] = [
    await sampleLog(`${directory}/one`),
    await sampleLog(`${directory}/other`, { forkAt: 4 }),
  ];
  const seen = opened(await one.grow(6));
  const checkpoint = opened(await other.grow(6));
  for (const more of [{}, { proof: [] }, { proof: [seen.root] }, { old: 0 }, { old: 6 }])
    assert.equal(faultOf(judgeStep({ seen, checkpoint, ...more })), 'fork');
});

test('a larger tree that does not begin with the one seen is inconsistent, by its own log’s proof', async (t) => {
  const directory = temporaryDirectory(t);
  const one = await sampleLog(`${directory}/one`);
  const other = await sampleLog(`${directory}/other`, { forkAt: 4 });
  const seen = opened(await one.grow(6));
  await other.grow(6);
  const checkpoint = opened(await other.grow(9));
  const proof = await other.consistency(6, 9);
  assert.equal(faultOf(judgeStep({ seen, checkpoint, proof })), 'inconsistent');
});

test('a smaller tree is a rollback', async (t) => {
  const log = await sampleLog(temporaryDirectory(t));
  const checkpoint = opened(await log.grow(3));
  const seen = opened(await log.grow(5));
  assert.equal(faultOf(judgeStep({ seen, checkpoint })), 'rollback');
});

test('an old size that is over the checkpoint, or is not what was seen, is not judged further', async (t) => {
  const log = await sampleLog(temporaryDirectory(t));
  const seen = opened(await log.grow(3));
  const checkpoint = opened(await log.grow(5));
  assert.equal(faultOf(judgeStep({ seen, checkpoint, old: 6, proof: [] })), 'malformed');
  assert.equal(faultOf(judgeStep({ seen, checkpoint, old: 2, proof: [] })), 'old_size');
  assert.equal(faultOf(judgeStep({ seen: undefined, checkpoint, old: 2, proof: [] })), 'old_size');
  // An older checkpoint that is sent again: its sender is behind, which says nothing of the log.
  const late = { seen: checkpoint, checkpoint: seen, old: 3, proof: [] };
  assert.equal(faultOf(judgeStep(late)), 'old_size');
});

test('only a checkpoint of a log that was named, signed by its key, is opened', async (t) => {
  const directory = temporaryDirectory(t);
  const log = await sampleLog(`${directory}/log`);
  const terms = termsOfLog(log);
  const good = await log.grow(2);
  assert.equal((openStep(good, terms) as Checkpoint).size, 2);
  const otherKey = await sampleLog(`${directory}/key`, { key: 2 });
  const otherOrigin = await sampleLog(`${directory}/origin`, { origin: 'vantio.test/other' });
  for (const [bytes, fault] of [
    ['', 'malformed'],
    ['<html>sign in</html>\n', 'malformed'],
    [good.replaceAll('\n', '\r\n'), 'malformed'],
    [good.replace('\n2\n', '\n9223372036854775808\n'), 'malformed'],
    [good.replace('\n2\n', '\n3\n'), 'other_key'],
    [await otherKey.grow(2), 'other_key'],
    [await otherOrigin.grow(2), 'other_origin'],
  ] as const)
    assert.equal(faultOf(openStep(bytes, terms)), fault, fault);
  // The log's key under the text of another log.
  const signer = createNoteSigner(log.origin, fixedKey(1));
  const strange = checkpointText({ origin: 'vantio.test/x', size: 0, root: EMPTY_ROOT });
  const bytes = await signNote(strange, [signer]);
  assert.equal(faultOf(openStep(bytes, terms)), 'other_origin');
});

test('a key that handed over signs no larger tree, revoked or not', async () => {
  const origin = 'vantio.test/log';
  const signers = [1, 2].map((key) => createNoteSigner(origin, fixedKey(key)));
  const [from, to] = [1, 2].map((key) => ({
    ...{ name: origin, type: 'ed25519' as const },
    publicKey: rawPublicKey(fixedKey(key)),
  }));
  const headOf = (size: number) => ({ origin, size, root: new Uint8Array(32).fill(size) });
  assert.ok(from !== undefined && to !== undefined);
  const note = await signNote(rotationText({ head: headOf(5), from, to }), signers);
  const signed = (size: number, keys: readonly number[]) =>
    signNote(
      checkpointText(headOf(size)),
      keys.flatMap((at) => signers[at] ?? []),
    );
  const terms = () => termsOf([from], [openRotation(note)]);
  assert.equal((openStep(await signed(9, [1]), terms) as Checkpoint).size, 9);
  assert.equal((openStep(await signed(5, [0, 1]), terms) as Checkpoint).size, 5);
  assert.equal(faultOf(openStep(await signed(9, [0]), terms)), 'other_key');
  assert.equal(faultOf(openStep(await signed(5, [0]), terms)), 'other_key');
});
