import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { WORD_FORMS, type WordField } from '../generated/word-forms.ts';
import { recordShape } from '../record.ts';
import { writtenBytes, writtenValue } from './committed-value.ts';
import type { Written } from './fit.ts';
import { writtenHost } from './host.ts';
import { writtenProcessName } from './process-name.ts';
import { requiredWord } from './word.ts';

const FIELDS = Object.keys(WORD_FORMS) as WordField[];
type Field = WordField | 'process_name' | 'target_host';
const fits = (field: Field, { text }: Written): void =>
  assert.ok(recordShape.shape[field].safeParse(text).success, `${field}: ${JSON.stringify(text)}`);

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.string({ unit: 'grapheme', maxLength: 300 }),
  fc.string({
    unit: fc.constantFrom('a', 'Z', '.', ':', '%', '[', ']', '1', 'f', ' ', '\ud800', 'ü', '😀'),
    maxLength: 300,
  }),
);

test('whatever a host is called, what is written fits', () => {
  fc.assert(
    fc.property(text, (host) => fits('target_host', writtenHost(host))),
    { numRuns: 2000 },
  );
});

test('whatever a word is, what is written fits its field', () => {
  fc.assert(
    fc.property(fc.constantFrom(...FIELDS), text, (field, value) =>
      fits(field, requiredWord(field, value)),
    ),
    { numRuns: 2000 },
  );
});

test('a value that fits is written as it is, and is not called cut', () => {
  for (const field of FIELDS) {
    const { max } = WORD_FORMS[field];
    const value = 'a'.repeat(max);
    assert.deepEqual(requiredWord(field, value), { text: value });
    assert.deepEqual(requiredWord(field, `${value}a`), { text: value, truncated: true });
  }
});

test('whatever the bytes of a process name, what is written fits', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 80 }), (bytes) => {
      const written = writtenProcessName(bytes);
      assert.ok(written);
      fits('process_name', written);
    }),
  );
});

test('whatever the bytes of a path, a commitment can be made of what is written', () => {
  const bytes = fc.uint8Array({ minLength: 1, maxLength: 5000, size: 'max' });
  fc.assert(
    fc.property(bytes, (path) => {
      const { text: value = '' } = writtenBytes(path) ?? {};
      assert.ok(value.length > 0 && value.length <= 4096 && value.isWellFormed());
    }),
  );
  fc.assert(
    fc.property(text, (name) => {
      const written = writtenValue(name);
      assert.equal(written?.text, name === '' ? undefined : name.toWellFormed());
    }),
  );
});
