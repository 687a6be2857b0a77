import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { isCanonicalRecord } from './canonical-record.ts';
import { EVENT_TYPES } from './event-types.ts';
import { FRAGMENTS } from './generated/record-fragments.ts';
import { readCanonicalRecord } from './read-record.ts';
import { type AuditRecord, recordSchema } from './record.ts';
import { recordFault } from './record-fault.ts';
import { recordJsonSchema } from './record-json-schema.ts';
import { sampleSession } from './vectors/sample-session.ts';

const samples = sampleSession({ root: true });
const sorted = (record: object): AuditRecord =>
  Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1))) as AuditRecord;

/** Values that fit some field, nearly fit, or fit none. */
const value = fc.oneof(
  fc.constantFrom<unknown>(
    0,
    1,
    -1,
    1.5,
    2 ** 53,
    65_535,
    65_536,
    true,
    false,
    null,
    '',
    'ok',
    'exact',
    'OBSERVED',
    'a'.repeat(64),
    '0'.repeat(32),
    'f'.repeat(16),
    {},
    [],
    { email: 1 },
    { email: 0 },
  ),
  fc.constantFrom(...samples.flatMap(({ record }) => Object.values(record))),
  fc.string(),
  fc.maxSafeInteger(),
);
const mutation = fc.tuple(
  fc.constantFrom(...samples),
  fc.array(
    fc.tuple(
      fc.constantFrom('prompt', ...Object.keys(FRAGMENTS)),
      fc.option(value, { nil: undefined }),
    ),
    { minLength: 1, maxLength: 3 },
  ),
);
const mutate = ([{ record }, patches]: [
  (typeof samples)[number],
  [string, unknown][],
]): AuditRecord =>
  sorted(
    Object.fromEntries(
      Object.entries({ ...record, ...Object.fromEntries(patches) }).filter(
        ([, v]) => v !== undefined,
      ),
    ),
  );

test('the fast validator, the pattern and zod agree on any mutation of any record', () => {
  fc.assert(
    fc.property(mutation, (any) => {
      const record = mutate(any as Parameters<typeof mutate>[0]);
      const zod = recordSchema.safeParse(record).success;
      assert.equal(recordFault(record) === undefined, zod);
      const text = JSON.stringify(record);
      if (JSON.stringify(JSON.parse(text)) === text)
        assert.equal(readCanonicalRecord(text) !== undefined, zod);
    }),
    { numRuns: 5000 },
  );
});

test('the JSON Schema, read by a validator nobody here wrote, takes every sample and refuses a stranger', () => {
  const validate = new Ajv2020({ strict: false }).compile(recordJsonSchema());
  for (const { record } of samples)
    assert.equal(validate(record), true, JSON.stringify(validate.errors));
  assert.equal(validate({ ...samples[1]?.record, prompt: 'x' }), false);
  assert.equal(validate({ ...samples[1]?.record, cut_bytes: 1 }), false);
});

test('a fault names the field and quotes nothing of the value', () => {
  const fault = recordFault(sorted({ ...samples[1]?.record, target_host: 'Secret Prompt' }));
  assert.equal(fault?.field, 'target_host');
  assert.doesNotMatch(JSON.stringify(fault), /Secret/);
  assert.match(
    recordFault(sorted({ ...samples[1]?.record, 'a\u001b[31m"b': 1 }))?.field ?? '',
    /^[A-Za-z0-9_.?-]+$/,
  );
});

test('no field could hold free text: every string has an alphabet and a bound', () => {
  const { properties } = recordJsonSchema();
  for (const [name, schema] of Object.entries(properties)) {
    if (schema.type !== 'string' || schema.enum || schema.const) continue;
    assert.match(schema.pattern ?? '', /^\^.*\$$/, name);
    assert.equal(new RegExp(schema.pattern ?? '').test('x'.repeat(300)), false, name);
  }
});

test('every event type has a pattern that its own first line of defence accepts', () => {
  for (const type of Object.keys(EVENT_TYPES))
    assert.equal(isCanonicalRecord(`{"event_type":"${type}"}`), false);
  const text = readFileSync(new URL('../record.md', import.meta.url), 'utf8');
  for (const type of Object.keys(EVENT_TYPES)) assert.ok(text.includes(`\`${type}\``), type);
});

test('time of one canonical check is bounded for a text made to backtrack', () => {
  const hostile = samples[1]?.canonical.replace('"api.openai.com"', `"${'a'.repeat(253)}`) ?? '';
  for (let round = 0; round < 1000; round++)
    assert.equal(isCanonicalRecord(hostile + 'a'.repeat(round)), false);
});
