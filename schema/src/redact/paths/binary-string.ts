const DATA_URL = /data:[\w.+-]{0,64}\/?[\w.+-]{0,64}[;,]/iy;
const BASE64 = /[A-Za-z0-9+/_-]*={0,2}/y;
const MIN_LENGTH = 512;
const TELLING = 32;

/** Files, sound and images in a string: data URLs, and base64 longer than any key. */
export function isBinaryString(json: string, start: number, end: number): boolean {
  DATA_URL.lastIndex = start;
  if (DATA_URL.test(json) && DATA_URL.lastIndex <= end)
    return json.slice(start, start + 200).includes(';base64,');
  if (end - start < MIN_LENGTH) return false;
  BASE64.lastIndex = start;
  // Most texts have a space early on: only what has none is read to its end.
  const space = json.slice(start, start + TELLING).search(/[^A-Za-z0-9+/_-]/);
  return space < 0 && BASE64.test(json) && BASE64.lastIndex >= end;
}
