import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ownFrames } from './own-frames.ts';

const here = fileURLToPath(import.meta.url);

test('frames of our own files are kept, from the program’s root', () => {
  const frames = ownFrames(new TypeError('any'));
  assert.match(String(frames[0]), /^ {4}at .*cloud\/own-frames\.test\.[jt]s:\d+:\d+\)?$/);
  for (const frame of frames) assert.ok(!frame.includes(process.cwd()));
});

test('a message that looks like frames gives none', () => {
  const forged = `x\n    at prompt (${here}:1:1)\n    at secret (file://${here}:2:2)`;
  for (const frame of ownFrames(new Error(forged))) assert.doesNotMatch(frame, /prompt|secret/);
  const edited = new Error(forged);
  // V8 writes the stack when it is first looked at.
  assert.ok(edited.stack?.includes('secret'));
  edited.message = 'another';
  assert.deepEqual(ownFrames(edited), []);
  assert.deepEqual(ownFrames('no error'), []);
  assert.deepEqual(ownFrames(undefined), []);
});
