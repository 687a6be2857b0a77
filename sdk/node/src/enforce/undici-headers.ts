/** Headers as undici takes them: a flat list, pairs, or an object. */
export type Headers = unknown;

const text = (value: unknown): string | undefined =>
  typeof value === 'string'
    ? value
    : typeof value === 'number'
      ? String(value)
      : Buffer.isBuffer(value)
        ? value.toString('latin1')
        : Array.isArray(value) && value.length > 0
          ? text(value[0])
          : undefined;

/** As pairs of name and value, whatever their form; an iterable is gone through once, so the pairs take its place. */
export function pairsOf(headers: Headers): [string, unknown][] {
  if (headers === null || headers === undefined) return [];
  if (Array.isArray(headers) && !Array.isArray(headers[0])) {
    const pairs: [string, unknown][] = [];
    for (let at = 0; at + 1 < headers.length; at += 2)
      pairs.push([text(headers[at]) ?? '', headers[at + 1]]);
    return pairs;
  }
  if (typeof (headers as Iterable<unknown>)[Symbol.iterator] === 'function')
    return [...(headers as Iterable<[string, unknown]>)].map(([name, value]) => [name, value]);
  return Object.entries(headers as object);
}

export function headerIn(pairs: readonly (readonly [string, unknown])[], name: string) {
  for (const [key, value] of pairs)
    if (key.length === name.length && key.toLowerCase() === name) return text(value);
  return undefined;
}

/** The same headers with some replaced (by name in lower case), or taken out where the value is undefined. */
export function withHeaders(
  pairs: readonly (readonly [string, unknown])[],
  changes: Readonly<Record<string, string | undefined>>,
): unknown[] {
  const flat: unknown[] = [];
  for (const [name, value] of pairs) if (!(name.toLowerCase() in changes)) flat.push(name, value);
  for (const [name, value] of Object.entries(changes))
    if (value !== undefined) flat.push(name, value);
  return flat;
}
