import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { CONTEXT_FIELDS, REQUIRED_FIELDS } from '../common-fields.ts';
import { parseEnvelope } from '../envelope.ts';
import { EnvelopeError } from '../envelope-error.ts';
import { recordJsonSchema } from '../record-json-schema.ts';
import type { AcceptRecord } from './record-vectors.ts';
import type { RejectEnvelope } from './reject-envelope.ts';

const load = <T>(name: string): T =>
  JSON.parse(readFileSync(new URL(`../../../sdk/vectors/${name}`, import.meta.url), 'utf8')) as T;
const { records } = load<{ records: AcceptRecord[] }>('records.accept.json');
const { envelopes } = load<{ envelopes: RejectEnvelope[] }>('records.reject.json');
const { properties } = recordJsonSchema();
const fields = Object.keys(properties);

test('every field of the table stands in a record that is accepted, at both ends of its bounds', () => {
  const accepted = records.map(({ canonical }) => JSON.parse(canonical) as Record<string, unknown>);
  for (const field of fields) {
    const values = new Set(accepted.map((record) => record[field]));
    values.delete(undefined);
    assert.ok(values.size > 0, `${field} stands in no accept record`);
    const { type, minimum, maximum } = properties[field] ?? {};
    // No chain that a vector could hold is as long as seq could count.
    if (type !== 'integer' || field === 'seq') continue;
    assert.ok(values.has(minimum), `${field} is nowhere ${minimum}`);
    assert.ok(values.has(maximum), `${field} is nowhere ${maximum}`);
  }
});

/** What this field was in the record of a vector. */
function refusedValue({ envelope = '' }: RejectEnvelope, field: string): unknown {
  return (JSON.parse(envelope) as { record: Record<string, unknown> }).record[field];
}

const kinds: Readonly<Record<string, (value: unknown, own: string) => boolean>> = {
  null: (value) => value === null,
  'a value of another JSON type': (value, own) => value !== null && typeof value !== own,
  'a value of its own JSON type': (value, own) =>
    typeof value === own && value !== null && !Array.isArray(value),
};

test('every field of the table is refused out of its form, over its bound, of another type and as null', () => {
  for (const field of fields) {
    const { type, const: only, maximum, pattern } = properties[field] ?? {};
    const own = only === undefined ? (type === 'integer' ? 'number' : type) : typeof only;
    const refused = envelopes
      .filter((one) => one.field === field && one.code === 'bad_value')
      .map((one) => refusedValue(one, field));
    for (const [kind, is] of Object.entries(kinds))
      assert.ok(
        refused.some((value) => is(value, own ?? '')),
        `${field}: ${kind} is refused by no vector`,
      );
    if (type === 'integer') {
      for (const [what, is] of [
        ['negative', (value: number) => value < 0],
        ['over its bound', (value: number) => value > (maximum ?? 0)],
        ['a fraction', (value: number) => !Number.isInteger(value)],
      ] as const)
        assert.ok(
          refused.some((value) => typeof value === 'number' && is(value)),
          `${field}: ${what}`,
        );
      assert.ok(
        envelopes.some(({ name }) => name === `${field}: spelt with an exponent`),
        field,
      );
    }
    if (pattern !== undefined) {
      const texts = refused.filter((value) => typeof value === 'string');
      const form = new RegExp(pattern);
      assert.ok(
        texts.some((text) => form.test(text.slice(0, -1)) && !text.endsWith('\n')),
        `${field}: nothing over-long is refused`,
      );
      assert.ok(
        texts.some((text) => !/^[ -~]*$/.test(text.trim()) || /[A-Z]/.test(text)),
        `${field}: nothing outside its alphabet is refused`,
      );
    }
  }
});

test('every field that has its place in some types only is refused in another', () => {
  const common = new Set<string>([...REQUIRED_FIELDS, ...CONTEXT_FIELDS]);
  for (const field of fields.filter((name) => !common.has(name)))
    assert.ok(
      envelopes.some((one) => one.field === field && one.code === 'not_for_this_type'),
      `${field} is misplaced in no vector`,
    );
});

test('a vector that carries the name of a field is refused with exactly that name, or for its spelling alone', () => {
  const named = envelopes.filter(({ name }) => fields.some((one) => name.startsWith(`${one}: `)));
  assert.ok(named.length >= fields.length * 4, `only ${named.length}`);
  for (const { name, envelope = '' } of named)
    assert.throws(
      () => parseEnvelope(envelope),
      (error) => {
        assert.ok(error instanceof EnvelopeError, name);
        const spelt = name.endsWith(': spelt with an exponent');
        assert.equal(error.field, spelt ? 'envelope' : name.split(':')[0], name);
        return true;
      },
      name,
    );
});
