/** So many letters a–z of a digest. No digit: what replaces a value must not look like one. */
export function letters(digest: Uint8Array, count: number): string {
  let text = '';
  for (const byte of digest.subarray(0, count)) text += String.fromCharCode(97 + (byte % 26));
  return text;
}
