import type { NameMatch } from './prices.ts';

/** @param name in lower case */
export function matchName(match: NameMatch, name: string): boolean {
  if (typeof match !== 'string') {
    const [how, ...parts] = match;
    return how === '|'
      ? parts.some((part) => matchName(part, name))
      : parts.every((part) => matchName(part, name));
  }
  const text = match.slice(1);
  switch (match[0]) {
    case '=':
      return name === text;
    case '^':
      return name.startsWith(text);
    case '$':
      return name.endsWith(text);
    case '~':
      return name.includes(text);
    default:
      return pattern(text).test(name);
  }
}

const patterns = new Map<string, RegExp>();

function pattern(text: string): RegExp {
  const known = patterns.get(text) ?? new RegExp(text);
  patterns.set(text, known);
  return known;
}
