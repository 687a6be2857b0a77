import { ACTIONS } from './actions.ts';
import { CONTEXT_FIELDS, REQUIRED_FIELDS } from './common-fields.ts';
import { EVENT_TYPES } from './event-types.ts';
import { type PropertySchema, recordJsonSchema } from './record-json-schema.ts';

/** Puts fresh tables between the `<!-- table:x -->` marks of the normative text. */
export function replaceTables(text: string): string {
  let result = text;
  for (const [name, table] of Object.entries({
    fields: fieldTable(),
    types: typeTable(),
    actions: actionList(),
  }))
    result = result.replace(
      new RegExp(`(<!-- table:${name} -->\n)[\\s\\S]*?(<!-- end -->)`),
      (_, open: string, close: string) => `${open}${table}${close}`,
    );
  return result;
}

function fieldTable(): string {
  const { properties } = recordJsonSchema();
  const rows = Object.keys(properties)
    .sort()
    .map((name) => {
      const schema = properties[name] as PropertySchema;
      return `| \`${name}\` | ${place(name)} | ${form(schema)} | ${schema.description ?? ''} |`;
    });
  return `| field | where | form | meaning |\n| --- | --- | --- | --- |\n${rows.join('\n')}\n`;
}

function place(name: string): string {
  if ((REQUIRED_FIELDS as readonly string[]).includes(name)) return 'every record';
  return (CONTEXT_FIELDS as readonly string[]).includes(name) ? 'any record' : 'by type';
}

function form(schema: PropertySchema): string {
  const code = (text: string) => `\`${text.replaceAll('|', '\\|')}\``;
  if (schema.const !== undefined) return code(JSON.stringify(schema.const));
  if (schema.enum)
    return schema.enum.length > 20 ? 'one of the lists below' : schema.enum.map(code).join(', ');
  if (schema.type === 'integer')
    return `integer ${schema.minimum} … ${schema.maximum === Number.MAX_SAFE_INTEGER ? '2^53 − 1' : schema.maximum}`;
  if (schema.type === 'object')
    return `object of integers ≥ 1, by ${Object.keys(schema.properties ?? {})
      .map(code)
      .join(', ')}`;
  return code(schema.pattern ?? '');
}

function typeTable(): string {
  const code = (names: readonly string[]) => names.map((name) => `\`${name}\``).join(', ') || '—';
  const rows = Object.entries(EVENT_TYPES).map(
    ([type, { says, actions, required, optional }]) =>
      `| \`${type}\` | ${says} | ${code(actions)} | ${code(required)} | ${code([...new Set<string>(optional)].filter((name) => !(required as readonly string[]).includes(name)))} |`,
  );
  return `| event_type | says | action_taken | must hold | may hold |\n| --- | --- | --- | --- | --- |\n${rows.join('\n')}\n`;
}

const actionList = (): string => `${ACTIONS.map((action) => `\`${action}\``).join(', ')}\n`;
