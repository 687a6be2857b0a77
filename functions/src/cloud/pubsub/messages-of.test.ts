import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { MAX_RECORDS, messagesOf } from './messages-of.ts';

test('messages hold every line once, in order, and never more than a commit and a message may', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 131_072 }), { maxLength: 300 }),
      fc.nat(3000),
      // One byte, a quote that JSON makes two of, three bytes.
      fc.constantFrom('x', '"', '宮'),
      (lengths, short, character) => {
        const lines = [...lengths, ...Array<number>(short).fill(1)].map((length) =>
          character.repeat(length),
        );
        const messages = messagesOf(lines);
        assert.deepEqual(messages.flat(), lines);
        for (const message of messages) {
          assert.ok(message.length <= MAX_RECORDS);
          // As JSON, a message still fits Pub/Sub's 10 MB.
          assert.ok(Buffer.byteLength(JSON.stringify(message.join('\n'))) < 9_000_000);
        }
      },
    ),
    { numRuns: 30 },
  );
});
