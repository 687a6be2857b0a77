import { REQUIRED_FIELDS } from './common-fields.ts';
import { FRAGMENTS } from './generated/record-fragments.ts';
import { SHAPE_BY_TYPE } from './shapes.ts';

const TYPE_MARK = '"event_type":"';
const patterns = new Map<string, RegExp>();

/**
 * Whether the text is a canonical record with every field in its alphabet and place: one native pass, and no object made.
 * False says nothing about what is wrong; `recordFault` does. The rules that join fields, and the order of `redactions`,
 * are not looked at. Attacker-controlled.
 */
export function isCanonicalRecord(text: string): boolean {
  // A quotation mark inside a canonical string is escaped, so the mark cannot stand inside a value.
  const at = text.indexOf(TYPE_MARK) + TYPE_MARK.length;
  const type = text.slice(at, text.indexOf('"', at));
  const pattern = patterns.get(type) ?? compile(type);
  return pattern?.test(text) ?? false;
}

function compile(type: string): RegExp | undefined {
  const shape = SHAPE_BY_TYPE.get(type);
  if (!shape) return undefined;
  const required = new Set<string>([...REQUIRED_FIELDS, ...shape.required]);
  const members = [...shape.allowed].sort().map((name, at) => {
    const value =
      name === 'event_type'
        ? `"${type}"`
        : name === 'action_taken'
          ? `"(?:${[...shape.actions].join('|')})"`
          : FRAGMENTS[name];
    if (at === 0 && !required.has(name))
      throw new Error(`${type}: the first member must be required`);
    const member = `${at === 0 ? '' : ','}"${name}":${value}`;
    return required.has(name) ? member : `(?:${member})?`;
  });
  const pattern = new RegExp(`^\\{${members.join('')}\\}$`);
  patterns.set(type, pattern);
  return pattern;
}
