import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseEnvelope } from './envelope.ts';
import { createEventIds } from './event-id.ts';
import { instantFromMicros, microsFromInstant } from './instant.ts';
import { recordFault } from './record-fault.ts';
import { publicKeyFromRaw, sessionSignatureHolds } from './session-signature.ts';
import { sampleSession } from './vectors/sample-session.ts';

test('a session seals records that validate, chain and parse back', () => {
  const sealed = sampleSession({ root: true });
  let prev = '0'.repeat(64);
  for (const [seq, { record, hash, envelope, canonical }] of sealed.entries()) {
    assert.equal(record.seq, seq);
    assert.equal(record.prev, prev);
    assert.equal(recordFault(JSON.parse(canonical)), undefined);
    assert.deepEqual(parseEnvelope(envelope).record, JSON.parse(canonical));
    prev = hash;
  }
});

test('the session key signs start, head and end, and a change of any field breaks it', () => {
  const sealed = sampleSession();
  const key = publicKeyFromRaw(sealed[0]?.record.session_public_key ?? '');
  const signed = sealed.filter(({ record }) => record.session_sig !== undefined);
  assert.deepEqual(
    signed.map(({ record }) => record.event_type),
    ['session_start', 'session_head', 'session_end'],
  );
  for (const { record } of signed) {
    assert.equal(sessionSignatureHolds(key, record), true);
    for (const field of Object.keys(record)) {
      if (field === 'session_sig') continue;
      const value = (record as Record<string, unknown>)[field];
      // Any other value of the same type: the hash under the signature must see it.
      const changed =
        field === 'session_id'
          ? 'f'.repeat(32)
          : typeof value === 'number'
            ? value + 1
            : `${String(value)}x`;
      assert.equal(sessionSignatureHolds(key, { ...record, [field]: changed }), false, field);
    }
  }
});

test('event ids rise strictly whatever the clock does', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 2 ** 47 }), { minLength: 2 }), (clock) => {
      const next = createEventIds('0123456789abcdef0123456789abcdef');
      const ids = clock.map(next);
      for (const [at, id] of ids.entries()) {
        assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-0123456789ab$/);
        if (at > 0) assert.ok(id > (ids[at - 1] as string));
      }
    }),
  );
});

test('instants keep microseconds both ways', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4_102_444_800_000_000 }), (micros) => {
      assert.equal(microsFromInstant(instantFromMicros(micros)), micros);
    }),
  );
  assert.equal(instantFromMicros(1_767_323_045_000_001), '2026-01-02T03:04:05.000001Z');
});
