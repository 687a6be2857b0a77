import type { JsonSchema, PropertySchema } from './record-json-schema.ts';

/**
 * TypeScript source of `FRAGMENTS`: for each field, a regular expression of the canonical JSON text of its values.
 * Alphabets are regular, so a whole canonical record can be told by one expression (see canonical-record.ts).
 */
export function fragmentsSource({ properties }: JsonSchema): string {
  const lines = Object.keys(properties)
    .sort()
    .map((name) => `  ${name}: ${JSON.stringify(fragment(properties[name] as PropertySchema))},`);
  return `// Made from the zod schemas by \`npm run generate -w schema\`; do not edit.
export const FRAGMENTS: Readonly<Record<string, string>> = {
${lines.join('\n')}
};
`;
}

function fragment(schema: PropertySchema): string {
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return `"(?:${schema.enum.join('|')})"`;
  if (schema.type === 'integer') return integers(schema.minimum ?? 0, schema.maximum ?? 0);
  if (schema.type === 'object') return counts(Object.keys(schema.properties ?? {}).sort());
  return `"${(schema.pattern ?? '').replace(/^\^|\$$/g, '').replace('[ -~]', PRINTABLE)}"`;
}

/** Printable ASCII as JSON writes it: the quotation mark and the backslash are escaped. */
const PRINTABLE = '(?:[ !#-\\[\\]-~]|\\\\["\\\\])';

function counts(names: readonly string[]): string {
  const member = `"(?:${names.join('|')})":${integers(1, Number.MAX_SAFE_INTEGER)}`;
  return `\\{${member}(?:,${member})*\\}`;
}

/** Decimal integers from `min` (0 or 1, or a single digit) to `max`, in canonical spelling. */
function integers(min: number, max: number): string {
  const digits = String(max);
  const options: string[] = [];
  if (min === 0) options.push('0');
  const lowest = Math.max(min, 1);
  if (digits.length === 1) options.push(`[${lowest}-${digits}]`);
  else {
    if (lowest !== 1) throw new Error('a range of several digits starts at 0 or 1');
    options.push(digits.length === 2 ? '[1-9]' : `[1-9][0-9]{0,${digits.length - 2}}`);
    for (let at = 0; at < digits.length; at++) {
      const digit = Number(digits[at]);
      const low = at === 0 ? 1 : 0;
      const rest = digits.length - at - 1;
      const tail = rest === 0 ? '' : `[0-9]{${rest}}`;
      if (digit > low) options.push(`${digits.slice(0, at)}[${low}-${digit - 1}]${tail}`);
    }
    options.push(digits);
  }
  return `(?:${options.join('|')})`;
}
