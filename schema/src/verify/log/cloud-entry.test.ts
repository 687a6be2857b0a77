import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cloudEntryOf } from './cloud-entry.ts';

const RECEIVED = '"received_at":"2026-01-02T03:04:05.000000Z"';
const REST = `"record":{"a":"ä"},"record_mac":"${'cd'.repeat(32)}"}`;
const LINE = `{${RECEIVED},"received_mac":"${'ab'.repeat(32)}",${REST}`;
const ENTRY = `{"commit_timestamp":"2026-01-02T03:04:06.000001Z",${RECEIVED},${REST}`;

const made = (line: string, entry: string): string | undefined => {
  const bytes = cloudEntryOf(Buffer.from(line), Buffer.from(entry));
  return bytes && Buffer.from(bytes).toString();
};

test('a line makes the entry that has its record, MAC and time, and the commit timestamp that the entry has', () => {
  assert.equal(made(LINE, ENTRY), ENTRY);
  assert.equal(made(LINE, ENTRY.slice(0, 48)), ENTRY);
  for (const [from, to] of [
    ['03:04:05.0', '03:04:05.1'],
    ['"a":"ä"', '"a":"b"'],
    ['cdcd', 'dcdc'],
  ] as const)
    assert.notEqual(made(LINE.replace(from, to), ENTRY), ENTRY);
});

test('what is no line, or no entry, makes none', () => {
  assert.equal(made(LINE, ENTRY.replace('T03', 't03')), undefined);
  assert.equal(made(LINE, ''), undefined);
  assert.equal(made('', ENTRY), undefined);
  assert.equal(made(ENTRY, ENTRY), undefined);
  assert.equal(made(LINE.replace('abab', 'ABAB'), ENTRY), undefined);
});
