import assert from 'node:assert/strict';
import { test } from 'node:test';
import jcs from 'canonicalize';
import fc from 'fast-check';
import { EnvelopeError } from './envelope-error.ts';
import { parseEnvelope } from './index.ts';
import { formatLogEntry, parseLogEntry } from './log-entry.ts';
import { sampleSession } from './vectors/sample-session.ts';

const times = {
  commitTimestamp: '2026-11-25T10:00:00.000001Z',
  receivedAt: '2026-11-25T09:59:59.500000Z',
};
const entries = sampleSession({ root: true }).map(({ envelope }) => {
  const { canonical, mac } = parseEnvelope(envelope);
  return { ...times, canonical, mac };
});
const texts = entries.map(formatLogEntry);

test('an entry is the RFC 8785 form of its four members, and reads back', () => {
  for (const [at, text] of texts.entries()) {
    assert.equal(jcs(JSON.parse(text)), text);
    const { record, ...parts } = parseLogEntry(text);
    assert.deepEqual(parts, entries[at]);
    assert.equal(jcs(record), parts.canonical);
  }
});

test('what is not quite an entry is refused by the name of what is wrong', () => {
  const [good = ''] = texts;
  const cases: readonly (readonly [string, string, string])[] = [
    [good.slice(1), 'not_json', 'envelope'],
    ['[]', 'not_an_object', 'entry'],
    [' '.repeat(200_000), 'too_long', 'entry'],
    [`${good} `, 'not_canonical', 'entry'],
    [good.replace('{', '{"commit_timestamp":"x",'), 'not_canonical', 'entry'],
    [good.replace('{', '{"a":1,'), 'unknown_field', 'a'],
    [good.replace('{', '{"received_mac":"1",'), 'unknown_field', 'received_mac'],
    [good.replace(/"commit_timestamp":"[^"]*",/, ''), 'missing_field', 'commit_timestamp'],
    [good.replace('.000001Z', '.000001000Z'), 'bad_value', 'commit_timestamp'],
    [good.replace('.500000Z', '.5Z'), 'bad_value', 'received_at'],
    [good.replace(/"record_mac":"../, '"record_mac":"'), 'bad_value', 'record_mac'],
    [good.replace('"v":1', '"v":2'), 'bad_value', 'v'],
  ];
  for (const [text, code, field] of cases)
    assert.throws(
      () => parseLogEntry(text),
      (error) => error instanceof EnvelopeError && error.code === code && error.field === field,
      `${code} ${field}`,
    );
});

test('any text near an entry is an entry that writes back to it, or an EnvelopeError', () => {
  const near = fc
    .tuple(
      fc.constantFrom(...texts),
      fc.nat(1500),
      fc.nat(1500),
      fc.string({ unit: 'binary', maxLength: 6 }),
    )
    .map(([text, from, to, piece]) => text.slice(0, from) + piece + text.slice(to));
  fc.assert(
    fc.property(near, (text) => {
      try {
        assert.equal(formatLogEntry(parseLogEntry(text)), text);
      } catch (error) {
        assert.ok(error instanceof EnvelopeError, String(error));
      }
    }),
    { numRuns: 3000 },
  );
});
