import assert from 'node:assert/strict';
import { test } from 'node:test';
import { instantFromMicros } from './instant.ts';
import { promiseFault } from './promise-fault.ts';
import type { Receipt } from './receipt.ts';

const RECEIVED = 1_767_323_045_000_000;
const SECOND = 1_000_000;

/** A receipt of that log, whose promise takes so many microseconds. */
const receipt = (origin: string, takes: number, received = RECEIVED): Receipt => ({
  events: [{ event_id: '01980a9e-2a4d-7000-8000-0123456789ab', record_hash: 'ab'.repeat(32) }],
  key_id: '0123456789abcdef',
  merge_by: instantFromMicros(received + takes),
  origin,
  received_at: instantFromMicros(received),
  tenant_id: 'acme',
});
const faultOf = (origin: string, takes: number, now = RECEIVED) =>
  promiseFault(receipt(origin, takes), now)?.field;

test('a promise may take five seconds in local mode and ten minutes in cloud mode', () => {
  for (const [origin, seconds] of [
    ['vantio.local/0123456789abcdef0123456789abcdef', 5],
    ['log.example/acme', 600],
    ['vantio.local', 600],
  ] as const) {
    assert.equal(faultOf(origin, seconds * SECOND), undefined, origin);
    assert.equal(faultOf(origin, seconds * SECOND + 1), 'merge_by', origin);
    // Harder than it need be, and whoever gives it is held to it.
    assert.equal(faultOf(origin, -SECOND), undefined, origin);
  }
});

test('a receipt is not of a time to come, but for five minutes', () => {
  const origin = 'log.example/acme';
  assert.equal(faultOf(origin, 0, RECEIVED - 300 * SECOND), undefined);
  assert.equal(faultOf(origin, 0, RECEIVED - 300 * SECOND - 1), 'received_at');
  assert.equal(faultOf(origin, 0, RECEIVED + 1e15), undefined);
});
