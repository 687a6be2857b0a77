import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { MAX_RECORDS, messagesOf } from './messages-of.ts';

test('messages hold every line once, in order, and never more than a commit and a message may', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 131_072 }), { maxLength: 300 }),
      fc.nat(3000),
      (lengths, short) => {
        const lines = [...lengths, ...Array<number>(short).fill(1)].map((length) =>
          'x'.repeat(length),
        );
        const messages = messagesOf(lines);
        assert.deepEqual(messages.flat(), lines);
        for (const message of messages) {
          assert.ok(message.length <= MAX_RECORDS);
          // Doubled, as JSON may make it, a message still fits Pub/Sub's 10 MB.
          assert.ok(2 * message.join('\n').length < 9_000_000);
        }
      },
    ),
    { numRuns: 30 },
  );
});
