import type { PropertySchema } from '../record-json-schema.ts';
import { fieldSchema, fieldValues, textBounds } from './field-values.ts';

/** What is wrong with it, and the JSON text of a value that a field must refuse. */
export type FieldFault = { readonly what: string; readonly raw: string };

const fault = (what: string, value: unknown): FieldFault => ({ what, raw: JSON.stringify(value) });

/** One value for each way in which a value can fail to fit a field. Made from its schema alone. */
export function fieldFaults(name: string): FieldFault[] {
  const schema = fieldSchema(name);
  return [...faultsOf(name, schema), fault('null', null)];
}

function faultsOf(name: string, schema: PropertySchema): FieldFault[] {
  if (schema.const !== undefined) return constFaults(schema.const);
  if (schema.enum) return wordFaults(schema.enum);
  if (schema.type === 'integer') return integerFaults(schema.minimum ?? 0, schema.maximum ?? 0);
  if (schema.type === 'string' && schema.pattern) return textFaults(schema.pattern);
  if (schema.type === 'object') return countFaults(fieldValues(name).least as object);
  throw new Error(`no faults for ${name}`);
}

/** `v` and flags: true as a number and 1 as true are what a loosely typed reader takes. */
const constFaults = (only: unknown): FieldFault[] => [
  fault('another value', only === true ? false : Number(only) + 1),
  fault('of another type', only === true ? 1 : true),
  fault('as text', String(only)),
];

const wordFaults = (words: readonly string[]): FieldFault[] => {
  const [first = ''] = words;
  const longest = words.reduce((a, b) => (b.length > a.length ? b : a));
  return [
    fault('off its list', 'vantio'),
    fault('over-long', longest + longest.at(-1)),
    fault('with a newline at the end', `${first}\n`),
    fault('as a number', 1),
    fault('in a list', [first]),
  ];
};

function integerFaults(min: number, max: number): FieldFault[] {
  return [
    fault('negative', -1),
    ...(min > 0 ? [fault('under its bound', min - 1)] : []),
    // 2^53 - 1 and one more is still an exact double.
    fault('over its bound', max + 1),
    fault('a fraction', min + 0.5),
    { what: 'with an exponent', raw: `${max}e1` },
    fault('as text', String(min)),
    fault('as true', true),
  ];
}

function textFaults(pattern: string): FieldFault[] {
  const { least, short, long } = textBounds(pattern);
  const capital = least.toUpperCase();
  const foreign = new RegExp(pattern).test(capital) || capital === least;
  return [
    fault('outside its alphabet', foreign ? `${least.slice(0, -1)}é` : capital),
    fault('too short', short),
    fault('over-long', long),
    fault('with a newline at the end', `${least}\n`),
    fault('as a number', 1),
    fault('in a list', [least]),
  ];
}

function countFaults(least: object): FieldFault[] {
  const [first = ''] = Object.keys(least);
  return [
    fault('of an unknown entity', { vantio: 1 }),
    fault('counting less than one', { [first]: 0 }),
    fault('counting over the bound', { [first]: Number.MAX_SAFE_INTEGER + 1 }),
    fault('counting a half', { [first]: 0.5 }),
    fault('counting in text', { [first]: '1' }),
    fault('counting null', { [first]: null }),
    fault('as text', JSON.stringify({ [first]: 1 })),
    fault('in a list', [{ [first]: 1 }]),
  ];
}
