/** Pulumi's mark of a secret on the wire. */
const MARK = '4dabf18193072939515e22adb298388d';
const SECRET = '1b47061264138c4ac30d75fd1eb44270';

/** Inputs without the wrapping of secrets, and the names of those that were wrapped. */
export function unwrap(inputs: Readonly<Record<string, unknown>>): {
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly secrets: readonly string[];
} {
  const secrets = Object.keys(inputs).filter((name) => isSecret(inputs[name]));
  return { inputs: plain(inputs) as Readonly<Record<string, unknown>>, secrets };
}

const isSecret = (value: unknown): value is { readonly value: unknown } =>
  typeof value === 'object' &&
  value !== null &&
  (value as Record<string, unknown>)[MARK] === SECRET;

function plain(value: unknown): unknown {
  if (isSecret(value)) return plain(value.value);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  // An archive or asset stays what it is.
  if (Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, plain(inner)]));
}
