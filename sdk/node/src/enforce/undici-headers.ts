/** Headers as a flat list of names and values, which is a form that undici takes, too. */
export type FlatHeaders = readonly unknown[];

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

/** As undici takes them: a flat list, an object, or pairs, which may be there to be gone through once. */
export function flatHeaders(headers: unknown): FlatHeaders {
  if (headers === null || headers === undefined) return [];
  if (Array.isArray(headers) && !Array.isArray(headers[0])) return headers;
  const flat: unknown[] = [];
  if (isIterable(headers)) for (const [name, value] of headers) flat.push(name, value);
  else
    for (const name of Object.keys(headers as object))
      flat.push(name, (headers as Readonly<Record<string, unknown>>)[name]);
  return flat;
}

const isIterable = (headers: unknown): headers is Iterable<[string, unknown]> =>
  typeof (headers as Iterable<unknown>)[Symbol.iterator] === 'function';

/** What of pairs can still be handed on once they were gone through. */
export const unread = (headers: unknown, flat: FlatHeaders): unknown =>
  headers !== null && headers !== undefined && headers !== flat && isIterable(headers)
    ? flat
    : headers;

/** A name in lower case, if it has so many characters: of most the length is enough. */
function nameOf(name: unknown, length: number): string | undefined {
  if (typeof name === 'string') return name.length === length ? name.toLowerCase() : undefined;
  return Buffer.isBuffer(name) && name.length === length
    ? name.toString('latin1').toLowerCase()
    : undefined;
}

/** @param name in lower case. */
export function headerIn(headers: FlatHeaders, name: string): string | undefined {
  for (let at = 0; at + 1 < headers.length; at += 2)
    if (nameOf(headers[at], name.length) === name) return text(headers[at + 1]);
  return undefined;
}

/** The same headers with some replaced (by name in lower case). */
export function withHeaders(
  headers: FlatHeaders,
  changes: Readonly<Record<string, string>>,
): unknown[] {
  const flat: unknown[] = [];
  for (let at = 0; at + 1 < headers.length; at += 2)
    if (!((text(headers[at]) ?? '').toLowerCase() in changes))
      flat.push(headers[at], headers[at + 1]);
  for (const [name, value] of Object.entries(changes)) flat.push(name, value);
  return flat;
}

export const withoutHeader = (headers: FlatHeaders, name: string): unknown[] => {
  const kept: unknown[] = [];
  for (let at = 0; at + 1 < headers.length; at += 2)
    if (nameOf(headers[at], name.length) !== name) kept.push(headers[at], headers[at + 1]);
  return kept;
};
