import { Unscannable } from './part.ts';

/** @throws Unscannable `encoding` for what is not UTF-8: its bytes would not come back the same. */
export function readUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Unscannable('encoding');
  }
}

export function writeUtf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
