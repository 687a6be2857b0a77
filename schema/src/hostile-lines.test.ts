import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseEnvelope } from './envelope.ts';
import { EnvelopeError } from './envelope-error.ts';
import { parseLedgerLine } from './ledger-line.ts';
import { ledgerLines, sampleSession } from './vectors/sample-session.ts';

const sealed = sampleSession({ root: true });
const lines = ledgerLines(sealed.map((one) => ({ sealed: one, apiKey: 'vk1' })));
const good = fc.constantFrom(...lines, ...sealed.map(({ envelope }) => envelope));

/** Texts near a good line: cut, doubled, spliced, with pieces put in. */
const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.json(),
  fc
    .tuple(good, fc.nat(2000), fc.nat(2000), fc.string({ unit: 'binary', maxLength: 8 }))
    .map(([line, from, to, piece]) => line.slice(0, from) + piece + line.slice(to)),
  fc
    .tuple(
      good,
      fc.constantFrom('"', '\\', '{', '}', ',', ':', '\u0000', '\ud800', '1e999', '__proto__'),
      fc.nat(2000),
    )
    .map(([line, piece, at]) => line.slice(0, at) + piece + line.slice(at)),
);

for (const [name, parse] of [
  ['parseEnvelope', parseEnvelope],
  ['parseLedgerLine', parseLedgerLine],
] as const)
  test(`${name} answers any text with a value that writes back to it, or an EnvelopeError`, () => {
    fc.assert(
      fc.property(hostile, (text) => {
        try {
          const { canonical } = parse(text);
          assert.ok(text.includes(`"record":${canonical},"record_mac":"`));
        } catch (error) {
          assert.ok(error instanceof EnvelopeError, String(error));
          assert.match(error.field, /^[A-Za-z0-9_.?-]{1,80}$/);
        }
      }),
      { numRuns: 5000 },
    );
  });

test('a member named __proto__ is refused like any other stranger', () => {
  const line = (sealed[1]?.envelope ?? '').replace(
    '{"action_taken"',
    '{"__proto__":{},"action_taken"',
  );
  assert.throws(
    () => parseEnvelope(line),
    (error) => error instanceof EnvelopeError && error.code === 'unknown_field',
  );
});
