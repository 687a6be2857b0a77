/** The JSON values a canonical text may hold here: no null, no fractions (record.md, "Bytes"). */
export type CanonicalValue =
  | string
  | number
  | boolean
  | readonly CanonicalValue[]
  | { readonly [name: string]: CanonicalValue | undefined };

/** Thrown for a value that has no canonical form, or a text that is not in it. */
export class CanonicalError extends Error {
  readonly code = 'not_canonical';
  override readonly name = 'CanonicalError';
}

/**
 * RFC 8785 text of a value. Members that are `undefined` are left out.
 * @throws {CanonicalError} for a fraction, a number beyond 2^53 - 1, null, or a lone surrogate.
 */
export function canonicalize(value: CanonicalValue): string {
  switch (typeof value) {
    case 'string':
      return canonicalString(value);
    case 'number':
      if (!Number.isSafeInteger(value))
        throw new CanonicalError('a number is not an integer within 2^53 - 1');
      return String(value);
    case 'boolean':
      return String(value);
    case 'object':
      if (value === null) break;
      return Array.isArray(value)
        ? `[${value.map(canonicalize).join(',')}]`
        : canonicalObject(value as { [name: string]: CanonicalValue | undefined });
  }
  throw new CanonicalError(`a ${value === null ? 'null' : typeof value} has no canonical form`);
}

function canonicalObject(value: { readonly [name: string]: CanonicalValue | undefined }): string {
  let text = '';
  // Array.prototype.sort compares UTF-16 code units, as RFC 8785 section 3.2.3 asks.
  for (const name of Object.keys(value).sort()) {
    const member = value[name];
    if (member !== undefined)
      text += `${text === '' ? '' : ','}${canonicalString(name)}:${canonicalize(member)}`;
  }
  return `{${text}}`;
}

// JSON.stringify escapes as RFC 8785 section 3.2.2.2 does, but for lone surrogates, which have no UTF-8.
function canonicalString(value: string): string {
  if (!value.isWellFormed()) throw new CanonicalError('a string holds a lone surrogate');
  return JSON.stringify(value);
}

/**
 * The value of a text that already is canonical: checked, not re-made, so a duplicate key cannot hide.
 * The text is attacker-controlled.
 * @throws {CanonicalError} naming the first byte that differs from the canonical form.
 */
export function parseCanonical(text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new CanonicalError('is not JSON');
  }
  requireCanonical(value, text);
  return value;
}

/** @throws {CanonicalError} unless `text` is the canonical form of `value`, which was parsed from it. */
export function requireCanonical(value: unknown, text: string): void {
  let canonical: string;
  try {
    canonical = canonicalize(value as CanonicalValue);
  } catch (error) {
    if (error instanceof RangeError) throw new CanonicalError('is nested too deep');
    throw error;
  }
  if (canonical !== text)
    throw new CanonicalError(
      `is not in canonical form (RFC 8785): it differs at character ${firstDifference(canonical, text)}`,
    );
}

function firstDifference(a: string, b: string): number {
  let at = 0;
  while (at < a.length && a.charCodeAt(at) === b.charCodeAt(at)) at++;
  return at;
}
