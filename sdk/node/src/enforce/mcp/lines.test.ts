import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLines } from './lines.ts';

const read = (pieces: readonly string[], maxBytes = 100) => {
  const lines = createLines(maxBytes);
  const all = pieces.flatMap((piece) => lines.push(Buffer.from(piece)));
  return {
    lines: all.map(({ bytes, isWhole }) => (isWhole ? bytes.toString() : [bytes.toString()])),
    isAtStart: lines.isAtStart(),
    rest: lines.rest().toString(),
  };
};

test('lines are whole however they come', () => {
  const whole = { lines: ['ab\n', '\n', 'c\n'], isAtStart: true, rest: '' };
  assert.deepEqual(read(['ab\n\nc\n']), whole);
  assert.deepEqual(read([...'ab\n\nc\n']), whole);
  assert.deepEqual(read(['a', '', 'b\n\nc', '\n']), whole);
});

test('what has no end yet is kept', () => {
  assert.deepEqual(read(['a\nb', 'c']), { lines: ['a\n'], isAtStart: false, rest: 'bc' });
});

test('a line beyond the bound comes in parts, and the next one is whole again', () => {
  assert.deepEqual(read(['abc', 'de', 'f\ng\n'], 4), {
    lines: [['abcde'], ['f\n'], 'g\n'],
    isAtStart: true,
    rest: '',
  });
});

test('what is kept is a copy', () => {
  const lines = createLines(100);
  const piece = Buffer.from('ab');
  lines.push(piece);
  piece.fill('x');
  assert.equal(lines.push(Buffer.from('\n'))[0]?.bytes.toString(), 'ab\n');
});
