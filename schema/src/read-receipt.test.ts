import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ReceiptError, readReceipt } from './read-receipt.ts';
import { signedReceiptSchema } from './receipt.ts';

const EVENT = {
  event_id: '01980a9e-2a4d-7000-8000-0123456789ab',
  record_hash: 'ab'.repeat(32),
};
const RECEIPT = {
  events: [EVENT],
  key_id: '0123456789abcdef',
  merge_by: '2026-01-02T03:04:10.000000Z',
  origin: 'vantio.local/x',
  received_at: '2026-01-02T03:04:05.000000Z',
  tenant_id: 'acme',
};
const SIGNED = { receipt: RECEIPT, signature: 'cd'.repeat(64) };
const CERTIFIED = {
  certificate: {
    log: 'log.example',
    not_after: '2026-05-02T03:04:10.000000Z',
    not_before: '2026-01-02T03:04:10.000000Z',
    public_key: 'ab'.repeat(32),
    signature: 'cd'.repeat(64),
  },
  ...SIGNED,
};

/** What may stand in a member's place. */
const OTHERS = [
  undefined,
  null,
  0,
  true,
  '',
  'x',
  [],
  {},
  [EVENT, 1],
  EVENT,
  'AB'.repeat(32),
  'ab'.repeat(32),
  'ab'.repeat(31),
  'cd'.repeat(64),
  'x'.repeat(191),
  'x'.repeat(192),
  'x'.repeat(255),
  'x'.repeat(256),
  '2026-01-02T03:04:10.000000Z',
  '2026-01-02T03:04:10.000000z',
  '2026-01-02T03:04:10.000000Z\n',
  '01980a9e-2a4d-4000-8000-0123456789ab',
  '2026-02-30T03:04:10.000000Z',
  'fedcba9876543210',
];

/** The value with each of its members, and theirs, replaced in turn. */
function* variants(value: unknown): Iterable<unknown> {
  yield* OTHERS;
  if (typeof value !== 'object' || value === null) return;
  for (const [name, member] of Object.entries(value))
    for (const other of variants(member))
      yield Array.isArray(value) ? [other] : { ...value, [name]: other };
  if (!Array.isArray(value)) yield { ...value, more: 1 };
}

test('a receipt is read exactly where the schema accepts it', () => {
  const seen = { accepted: 0, refused: 0 };
  for (const variant of [SIGNED, ...variants(SIGNED), CERTIFIED, ...variants(CERTIFIED)]) {
    const text = JSON.stringify(variant) ?? 'undefined';
    const { success, data } = signedReceiptSchema.safeParse(
      text === 'undefined' ? undefined : JSON.parse(text),
    );
    seen[success ? 'accepted' : 'refused']++;
    if (success) assert.deepEqual(readReceipt(text), data);
    else assert.throws(() => readReceipt(text), ReceiptError, text);
  }
  assert.ok(seen.accepted > 10 && seen.refused > 100, JSON.stringify(seen));
});

test('what is wrong is named, and nothing of the text is quoted', () => {
  const message = (value: unknown): string => {
    try {
      readReceipt(typeof value === 'string' ? value : JSON.stringify(value));
    } catch (error) {
      return (error as Error).message;
    }
    return '';
  };
  assert.equal(message('{'), 'is not JSON');
  const text = JSON.stringify(SIGNED);
  for (const other of [` ${text}`, text.replace('{"receipt":', '{"receipt":{},"receipt":')])
    assert.equal(message(other), 'is not a receipt: it has spaces, or a member twice');
  assert.equal(message([]), 'is not a receipt: the line is no object');
  assert.equal(message({ receipt: RECEIPT }), 'is not a receipt: signature is missing');
  assert.equal(message({ ...SIGNED, secret: 1 }), 'is not a receipt: the line has other members');
  assert.equal(
    message({ ...SIGNED, receipt: { ...RECEIPT, events: [EVENT, { ...EVENT, event_id: 'x' }] } }),
    'is not a receipt: receipt.events.1.event_id is not as schema/log.md says',
  );
  assert.match(
    message({ ...SIGNED, receipt: { ...RECEIPT, key_id: '\ud800' } }),
    /receipt\.key_id is not/,
  );
});
