import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { scan } from './scan.ts';
import { scanSettled } from './scan-settled.ts';
import { someText, VALUES } from './testing.ts';

const CUES = ['passport', 'phone', 'date of birth', 'SSN', 'born on', 'tel', 'card', 'order'];
/** Values only near such a word. */
const WEAK = ['AB1234567', '5550123', '12 March 1985', '123456789', '1985-03-12', '12345678'];
const WORDS = ['the report says', 'so', 'of what was made there', 'and', 'a', 'in the second week'];

const near = fc
  .tuple(
    fc.constantFrom(...CUES),
    fc.array(fc.constantFrom(...WORDS, ...VALUES), { maxLength: 6 }),
    fc.constantFrom(...WEAK),
    fc.boolean(),
  )
  .map(([cue, between, weak, isBehind]) =>
    (isBehind ? [weak, ...between, cue] : [cue, ...between, weak]).join(' '),
  );
const far = fc
  .array(fc.constantFrom(...WORDS), { minLength: 20, maxLength: 60 })
  .map((words) => words.join(' '));
const longText = fc
  .array(fc.oneof(near, far, someText), { minLength: 1, maxLength: 8 })
  .map((parts) => parts.join(' '));

/** The text as it is without what was found, as a scan of all of it sees it. */
function rest(text: string): string {
  let left = '';
  let done = 0;
  for (const { start, end, entity } of scanSettled(text, 0)) {
    left += `${text.slice(done, start)}[${entity.toUpperCase()}]`;
    done = end;
  }
  return left + text.slice(done);
}

test('what only the values before it, once gone, let come near a word is found', () => {
  const text = `passport ${VALUES[2]} ${VALUES[6]} ${VALUES[2]} AB1234567`;
  assert.equal(scan(text).length, 3);
  assert.deepEqual(
    scanSettled(text, 0).map(({ entity }) => entity),
    ['iban', 'ipv6', 'iban', 'passport'],
  );
});

test('looking again only around what was found leaves nothing that looking at all of it would find', () => {
  fc.assert(
    fc.property(longText, (text) => {
      assert.deepEqual(scan(rest(text)), []);
    }),
    { numRuns: 3000 },
  );
});
