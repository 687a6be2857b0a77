/** A value as a record holds it. `truncated` stands beside it in the record, hence its name. */
export type Written = { readonly text: string; readonly truncated?: true };

/** As many of the units (a character or a whole escape each) as fit; the rest is cut. */
export function fit(units: Iterable<string>, max: number): Written {
  let text = '';
  for (const unit of units) {
    if (text.length + unit.length > max) return { text, truncated: true };
    text += unit;
  }
  return { text };
}

/** ASCII characters as they are where `plain` holds them, every other byte as `prefix` and two hex digits. */
export function* escaped(bytes: Uint8Array, plain: RegExp, prefix: string): Generator<string> {
  for (const byte of bytes) {
    const character = String.fromCharCode(byte);
    yield plain.test(character) ? character : prefix + byte.toString(16).padStart(2, '0');
  }
}

/** `toLowerCase` would lower letters outside ASCII, too. */
export const lowerAscii = (text: string): string =>
  text.replace(/[A-Z]+/g, (capitals) => capitals.toLowerCase());
