import { type CanonicalValue, canonicalize } from './canonical.ts';

type Members = { readonly [name: string]: CanonicalValue | undefined };
type Shape = {
  readonly keys: readonly string[];
  readonly sorted: readonly string[];
  /** `"name":` of each sorted key. */
  readonly heads: readonly string[];
};

const MAX_SHAPES = 64;
const shapes: Shape[] = [];
/** What JSON writes as it is: printable ASCII without the quote and the backslash. */
const PLAIN = /^[ !#-[\]-~]*$/;

/**
 * `canonicalize` for objects that one program makes over and over with the same keys in the same order, as an emitter
 * does its records: the order is sorted once for each shape. Not for what comes from outside.
 * @throws {CanonicalError}
 */
export function canonicalizeShaped(value: Members): string {
  const { sorted, heads } = shapeOf(Object.keys(value));
  let text = '';
  for (let i = 0; i < sorted.length; i++) {
    const member = value[sorted[i] as string];
    if (member === undefined) continue;
    text += text === '' ? heads[i] : `,${heads[i]}`;
    text += typeof member === 'string' && PLAIN.test(member) ? `"${member}"` : canonicalize(member);
  }
  return `{${text}}`;
}

function shapeOf(keys: readonly string[]): Shape {
  for (const shape of shapes) if (isSame(shape.keys, keys)) return shape;
  const sorted = [...keys].sort();
  const shape = { keys, sorted, heads: sorted.map((key) => `${canonicalize(key)}:`) };
  if (shapes.length < MAX_SHAPES) shapes.push(shape);
  return shape;
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
