import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AuditRecord } from '../record.ts';
import { createSegments } from './segments.ts';

const sha256 = 'a'.repeat(64);
const place = { file: 'ledger.ndjson', line: 1, writer: 'ledger' };
const rotation = {
  segment: 1,
  segment_bytes: 100,
  segment_records: 2,
  segment_sha256: sha256,
} as AuditRecord;
const found = { segment: 1, bytes: 100, records: 2, sha256, writer: 'ledger' };
const faultsOf = (change: Partial<typeof found> | undefined) => {
  const segments = createSegments();
  segments.rotation(rotation, place);
  if (change) segments.file('ledger.000001.ndjson', { ...found, ...change });
  return [...segments.faults()].map(({ severity }) => severity);
};

test('a rotated file that is the one its rotation record closed has no fault', () => {
  assert.deepEqual(faultsOf({}), []);
});

test('a rotated file of another hash, size or length is wrong', () => {
  assert.deepEqual(faultsOf({ sha256: 'b'.repeat(64) }), ['wrong']);
  assert.deepEqual(faultsOf({ bytes: 99 }), ['wrong']);
  assert.deepEqual(faultsOf({ records: 3 }), ['wrong']);
});

test('a rotated file without its record, or a record without its file, is unmeasured', () => {
  assert.deepEqual(faultsOf(undefined), ['unmeasured']);
  assert.deepEqual(faultsOf({ writer: 'another' }), ['unmeasured', 'unmeasured']);
});
