import assert from 'node:assert/strict';
import { createHmac, createSecretKey, randomBytes } from 'node:crypto';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { hmacSha256 } from './hmac.ts';

test('hmacSha256 is what an Hmac object says, for any key and text', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 1, maxLength: 200 }),
      fc.string({ unit: 'binary', maxLength: 3000 }),
      (bytes, text) => {
        const key = createSecretKey(bytes);
        const expected = createHmac('sha256', key).update(text).digest('hex');
        assert.equal(hmacSha256(key, text), expected);
        assert.equal(hmacSha256(key, text), expected);
      },
    ),
  );
});

test('hmacSha256 takes a text beyond its scratch room', () => {
  const key = createSecretKey(randomBytes(32));
  for (const length of [19_999, 20_000, 20_001, 70_000]) {
    const text = '€'.repeat(length);
    assert.equal(hmacSha256(key, text), createHmac('sha256', key).update(text).digest('hex'));
  }
});
