import { Unscannable } from './part.ts';

const DECODER = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** @throws Unscannable `encoding` for what is not UTF-8: its bytes would not come back the same. */
export function readUtf8(bytes: Uint8Array): string {
  try {
    return DECODER.decode(bytes);
  } catch {
    throw new Unscannable('encoding');
  }
}

/** From Node's pool, which an encoder's own array costs more than. */
export const writeUtf8 = (text: string): Uint8Array => Buffer.from(text);
