import { EVENT_TYPE_NAMES } from '../event-types.ts';
import { type PropertySchema, recordJsonSchema } from '../record-json-schema.ts';

type FieldValues = { readonly least: unknown; readonly greatest: unknown };

const { properties } = recordJsonSchema();
export const FIELD_NAMES: readonly string[] = Object.keys(properties).sort();

export function fieldSchema(name: string): PropertySchema {
  const schema = properties[name];
  if (schema === undefined) throw new Error(`${name} is not a field of a record`);
  return schema;
}

/** One text of every alphabet: the first that a field's pattern takes is lengthened and shortened to its bounds. */
const TEXTS = [
  'a',
  'A',
  ...[8, 16, 32, 64, 128].map((digits) => 'a'.repeat(digits)),
  '2000-02-29T23:59:59.999999Z',
  '2000-02-29',
  '019b7ca9-8c88-7000-8000-a37fb2d7d23a',
  '255.255.255.255',
  'SIGTERM',
];

/** Fields of which a rule asks more than their own form does. */
const RULED: Readonly<Record<string, FieldValues>> = {
  lost_event_type: { least: EVENT_TYPE_NAMES[0], greatest: EVENT_TYPE_NAMES.at(-1) },
};

/** The shortest and the longest text of a pattern, and those one step beyond. */
export function textBounds(
  pattern: string,
): Record<'least' | 'greatest' | 'short' | 'long', string> {
  const form = new RegExp(pattern);
  const text = TEXTS.find((one) => form.test(one));
  if (text === undefined)
    throw new Error(`no text of ${pattern} is known: add one to TEXTS in field-values.ts`);
  let least = text;
  while (form.test(least.slice(0, -1))) least = least.slice(0, -1);
  let greatest = text;
  while (form.test(greatest + greatest.at(-1))) greatest += greatest.at(-1);
  return { least, greatest, short: least.slice(0, -1), long: greatest + greatest.at(-1) };
}

/** Two values that a field takes, at its bounds. Made from its schema alone, so that a new field needs no word here. */
export function fieldValues(name: string): FieldValues {
  const { const: only, enum: words, type, pattern, ...schema } = fieldSchema(name);
  if (RULED[name]) return RULED[name];
  if (only !== undefined) return { least: only, greatest: only };
  if (words) return { least: words[0], greatest: words.at(-1) };
  if (type === 'integer') return { least: schema.minimum, greatest: schema.maximum };
  if (type === 'string' && pattern) return textBounds(pattern);
  if (type === 'object' && schema.properties) return counts(schema.properties);
  throw new Error(`no values for ${name}`);
}

function counts(members: NonNullable<PropertySchema['properties']>): FieldValues {
  const all = Object.keys(members).sort();
  const of = (names: readonly string[], at: 'minimum' | 'maximum') =>
    Object.fromEntries(names.map((name) => [name, members[name]?.[at]]));
  return { least: of(all.slice(0, 1), 'minimum'), greatest: of(all, 'maximum') };
}
