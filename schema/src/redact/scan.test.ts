import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ADVERSARIES } from './adversaries.ts';
import { scan } from './scan.ts';
import { redactorOf, someText, VALUES } from './testing.ts';

const mask = redactorOf({ action: 'mask' });

test('matches are in order, apart and within the text', () => {
  fc.assert(
    fc.property(someText, (text) => {
      let end = 0;
      for (const match of scan(text)) {
        assert.ok(match.start >= end && match.end > match.start && match.end <= text.length);
        end = match.end;
      }
    }),
    { numRuns: 1000 },
  );
});

test('nothing outside of matches changes', () => {
  fc.assert(
    fc.property(someText, (text) => {
      const { text: redacted, counts } = mask.text(text);
      let [from, at] = [0, 0];
      for (const { start, end, entity } of mask.scan(text)) {
        const kept = `${text.slice(from, start)}[${entity.toUpperCase()}]`;
        assert.equal(redacted.slice(at, at + kept.length), kept);
        at += kept.length;
        from = end;
      }
      assert.equal(redacted.slice(at), text.slice(from));
      const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
      assert.equal(total, mask.scan(text).length);
    }),
    { numRuns: 1000 },
  );
});

test('a text that was masked is not masked again', () => {
  fc.assert(
    fc.property(someText, (text) => {
      const once = mask.text(text).text;
      assert.equal(mask.text(once).text, once);
    }),
    { numRuns: 1000 },
  );
});

test('a value is found whatever is around it', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...VALUES),
      fc.constantFrom('', 'a ', '(', '"', '\n', 'é '),
      fc.constantFrom('', ' b', ')', '"', '\n', ', '),
      (value, before, after) => {
        assert.ok(!mask.text(before + value + after).text.includes(value));
      },
    ),
  );
});

test('only what is wanted is replaced, and what is not wanted is taken for nothing else', () => {
  const { counts } = redactorOf({ action: 'mask' }).text('4111 1111 1111 1111');
  assert.deepEqual(counts, { payment_card: 1 });
});

/** How often the scan looks at a text: each call, and each character that is copied. */
function looks(text: string): number {
  let count = 0;
  const restore: (() => void)[] = [];
  const watch = (owner: object, name: string, cost: (result: unknown) => number): void => {
    const own = Object.getOwnPropertyDescriptor(owner, name);
    const call = own?.value as (...values: readonly unknown[]) => unknown;
    Object.defineProperty(owner, name, {
      ...own,
      value(this: unknown, ...values: readonly unknown[]) {
        const result = call.apply(this, [...values]);
        count += cost(result);
        return result;
      },
    });
    restore.push(() => Object.defineProperty(owner, name, own as PropertyDescriptor));
  };
  const length = (result: unknown): number => 1 + (typeof result === 'string' ? result.length : 0);
  for (const name of ['charCodeAt', 'charAt', 'startsWith', 'indexOf'] as const)
    watch(String.prototype, name, () => 1);
  for (const name of ['slice', 'replace'] as const) watch(String.prototype, name, length);
  for (const name of ['test', 'exec'] as const) watch(RegExp.prototype, name, () => 1);
  try {
    scan(text);
  } finally {
    for (const one of restore.reverse()) one();
  }
  return count;
}

for (const [name, part] of Object.entries(ADVERSARIES))
  test(`twice the text is twice the work: ${name}`, () => {
    const once = part.repeat(Math.ceil(6000 / part.length));
    looks(once);
    const [small, big] = [looks(once), looks(once + once)];
    assert.ok(big <= small * 2.2 + 500, `${small} looks became ${big}`);
  });
