import type { JsonSchema, PropertySchema } from './record-json-schema.ts';

/** TypeScript source of `shapeFault`: one pass over a record's members in order, one check each. */
export function validatorSource({ properties, required }: JsonSchema): string {
  const patterns = new Map<string, string>();
  const patternName = (pattern: string): string => {
    const known = patterns.get(pattern);
    if (known) return known;
    const name = pattern === properties.occurred_at?.pattern ? 'INSTANT' : `P${patterns.size}`;
    patterns.set(pattern, name);
    return name;
  };
  const cases = Object.keys(properties)
    .sort()
    .map(
      (name) =>
        `    case '${name}':\n      return ${check(properties[name] as PropertySchema, patternName)};`,
    )
    .join('\n');
  const entities = Object.keys(properties.redactions?.properties ?? {});
  const consts = [...patterns].map(
    ([pattern, name]) =>
      `${name === 'INSTANT' ? 'export ' : ''}const ${name} = ${new RegExp(pattern)};`,
  );
  return `// Made from the zod schemas by \`npm run generate -w schema\`; do not edit.
import { boundedName } from '../bounded-name.ts';
import type { Fault } from '../rules.ts';

${consts.join('\n')}
const REQUIRED = ${JSON.stringify([...required].sort())};
const ENTITIES: ReadonlySet<string> = new Set(${JSON.stringify(entities)});

const int = (value: unknown, min: number, max: number): boolean =>
  Number.isInteger(value) && (value as number) >= min && (value as number) <= max && !Object.is(value, -0);
const text = (value: unknown, pattern: RegExp): boolean => typeof value === 'string' && pattern.test(value);

function counts(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  let last = '';
  for (const name in value) {
    if (name <= last || !ENTITIES.has(name) || !int((value as Record<string, unknown>)[name], 1, ${Number.MAX_SAFE_INTEGER})) return false;
    last = name;
  }
  return true;
}

/** undefined: no such field. */
function fits(name: string, value: unknown): boolean | undefined {
  switch (name) {
${cases}
    default:
      return undefined;
  }
}

/** The first fault in the shape of a record: unknown or unordered members, values outside their alphabet, absent ones. */
export function shapeFault(value: unknown): Fault | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return { code: 'not_an_object', field: 'record', message: 'is not an object' };
  const record = value as Record<string, unknown>;
  let last = '';
  for (const name in record) {
    const fit = fits(name, record[name]);
    if (fit === undefined) return { code: 'unknown_field', field: boundedName(name), message: 'is not a field of a record' };
    if (!fit) return { code: 'bad_value', field: name, message: 'is of the wrong type, too long or outside its alphabet' };
    if (name <= last) return { code: 'rule', field: name, message: 'does not stand in canonical order' };
    last = name;
  }
  for (const name of REQUIRED)
    if (record[name] === undefined) return { code: 'missing_field', field: name, message: 'is required' };
  return undefined;
}
`;
}

function check(schema: PropertySchema, patternName: (pattern: string) => string): string {
  if (schema.const !== undefined) return `value === ${JSON.stringify(schema.const)}`;
  if (schema.enum) return schema.enum.map((word) => `value === '${word}'`).join(' || ');
  if (schema.type === 'integer') return `int(value, ${schema.minimum}, ${schema.maximum})`;
  if (schema.type === 'string' && schema.pattern)
    return `text(value, ${patternName(schema.pattern)})`;
  if (schema.type === 'object') return 'counts(value)';
  throw new Error(`no check for ${JSON.stringify(schema)}`);
}
