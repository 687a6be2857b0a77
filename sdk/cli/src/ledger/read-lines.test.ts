import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { temporaryDirectory } from '../testing/temporary-directory.ts';
import { type Line, readLines } from './read-lines.ts';

type Told =
  | Exclude<Line, { readonly kind: 'text' }>
  | { readonly kind: 'text'; readonly number: number; readonly text: string };

const reader = (t: TestContext) => {
  const file = join(temporaryDirectory(t), 'lines');
  return (bytes: Buffer | string, maxBytes = 100): Told[] => {
    writeFileSync(file, bytes);
    return Array.from(readLines(file, { maxBytes }), (line) => {
      if (line.kind !== 'text') return line;
      const { bytes, ...rest } = line;
      assert.equal(bytes.toString('utf8'), line.text);
      return rest;
    });
  };
};

test('the lines of any text come back as they were, with their numbers', (t) => {
  const read = reader(t);
  fc.assert(
    fc.property(
      fc.array(
        fc.string({ unit: 'grapheme', maxLength: 20 }).filter((text) => !text.includes('\n')),
      ),
      (texts) => {
        const lines = read(texts.map((text) => `${text}\n`).join(''), 1000);
        const expected = texts.map((text, at) => ({
          kind: 'text',
          number: at + 1,
          text: text.toWellFormed(),
        }));
        assert.deepEqual(lines, expected);
      },
    ),
    { numRuns: 50 },
  );
});

test('lines that stand across the chunks of reading are whole', (t) => {
  const read = reader(t);
  const texts = Array.from({ length: 30_000 }, (_, at) => `${at} ${'é'.repeat(at % 97)}`);
  const lines = read(texts.map((text) => `${text}\n`).join(''), 300);
  assert.equal(lines.length, texts.length);
  for (const [at, line] of lines.entries())
    assert.ok(line.kind === 'text' && line.text === texts[at]);
});

test('a line at the bound is read, one over it refused and skipped, however long', (t) => {
  const read = reader(t);
  for (const length of [101, 1 << 20, (1 << 20) + 101, 5_000_000]) {
    const lines = read(`a\n${'x'.repeat(length)}\n${'y'.repeat(100)}\n`);
    assert.deepEqual(
      lines.map(({ kind, number }) => [kind, number]),
      [
        ['text', 1],
        ['refused', 2],
        ['text', 3],
      ],
    );
  }
});

test('bytes that are not UTF-8 are refused, not replaced', (t) => {
  const read = reader(t);
  for (const bytes of [
    [0xff],
    [0xc0, 0x80],
    [0xed, 0xa0, 0x80],
    [0xf4, 0x90, 0x80, 0x80],
    [0xc3],
  ]) {
    const [line] = read(Buffer.from([...bytes, 0x0a]));
    assert.deepEqual(line, { kind: 'refused', number: 1, reason: 'is not UTF-8' });
  }
});

test('a file that does not end in a newline is torn, also within a line over the bound', (t) => {
  const read = reader(t);
  assert.deepEqual(read(''), []);
  assert.deepEqual(read('a\nb').at(-1), { kind: 'torn', number: 2 });
  assert.deepEqual(read('x'.repeat(3_000_000)).at(-1), { kind: 'torn', number: 1 });
});

test('onBytes sees every byte of the file once, in order', (t) => {
  const file = join(temporaryDirectory(t), 'lines');
  const bytes = Buffer.from(`${'a'.repeat(70)}\n`.repeat(50_000));
  writeFileSync(file, bytes);
  const hash = createHash('sha256');
  for (const _ of readLines(file, { maxBytes: 100, onBytes: (chunk) => void hash.update(chunk) }));
  assert.equal(hash.digest('hex'), createHash('sha256').update(bytes).digest('hex'));
});
