import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseCheckpointText } from './checkpoint.ts';
import { parseNote, signNote } from './note.ts';
import { openRotation, rotationText } from './rotation.ts';
import { madeUpLog } from './sample-keys.ts';
import { EMPTY_ROOT } from './tree-hash.ts';

const [from, to] = [madeUpLog('log.example/a', 'one'), madeUpLog('log.example/a', 'two')];
const head = { origin: 'log.example/a', size: 0, root: EMPTY_ROOT };
const text = rotationText({ head, from: from.key, to: to.key });

test('what both keys signed is read back, and is a checkpoint with two extension lines', async () => {
  const note = await signNote(text, [from.signer, to.signer]);
  const opened = openRotation(note);
  assert.equal(rotationText(opened), text);
  assert.deepEqual(parseCheckpointText(parseNote(note).text), head);
  assert.equal(openRotation(await signNote(text, [to.signer, from.signer])).head.size, 0);
});

test('a note that a key did not sign, or of other keys than a log has, is refused', async () => {
  const open = (changed: string, signers = [from, to]) =>
    signNote(
      changed,
      signers.map(({ signer }) => signer),
    ).then(openRotation);
  await assert.rejects(open(text, [from]), { code: 'unknown_key' });
  await assert.rejects(open(text, [to]), { code: 'unknown_key' });
  await assert.rejects(open(text.replace('\nfrom ', '\nby ')), { code: 'bad_note' });
  await assert.rejects(open(`${text}more\n`), { code: 'bad_note' });
  await assert.rejects(open(text.replace('log.example/a\n', 'log.example/b\n')), {
    code: 'other_log',
  });
  const weak = { ...to.key, publicKey: Buffer.alloc(32) };
  await assert.rejects(open(rotationText({ head, from: from.key, to: weak })), {
    code: 'bad_key',
  });
  await assert.rejects(open(rotationText({ head, from: from.key, to: from.key })), {
    code: 'bad_key',
  });
  const note = await signNote(text, [from.signer, to.signer]);
  assert.throws(() => openRotation(note.replace('\n0\n', '\n1\n')), { name: 'TlogError' });
});
