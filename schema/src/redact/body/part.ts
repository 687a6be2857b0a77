import type { Engine } from '../create-redactor.ts';
import type { Entity } from '../entity.ts';
import type { BodyFacts } from './body-facts.ts';
import type { UnscannedReason } from './body-result.ts';

/** The work on one body: what its parts add to. */
export type Work = {
  readonly engine: Engine;
  readonly facts: BodyFacts;
  readonly counts: Map<Entity, number>;
  /** The body as it was handed over, before it was decoded. */
  readonly given: Uint8Array;
  bytesScanned: number;
  /** Each character of the text is one byte. */
  isAscii: boolean;
  /** Why some of it could not be looked at. */
  unscanned: UnscannedReason | undefined;
};

/** Ends the work on a body that cannot be scanned at all. */
export class Unscannable extends Error {
  override readonly name = 'Unscannable';
  readonly reason: UnscannedReason;
  constructor(reason: UnscannedReason) {
    super(`not scanned: ${reason}`);
    this.reason = reason;
  }
}

const BEYOND_ASCII = /[^\0-\x7f]/g;

/** Number of bytes that the text has in UTF-8. */
export function byteLength(text: string): number {
  BEYOND_ASCII.lastIndex = 0;
  if (!BEYOND_ASCII.test(text)) return text.length;
  let bytes = text.length;
  for (let at = BEYOND_ASCII.lastIndex - 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    // Two surrogates are four bytes, one on its own three.
    if (code > 0x7f) bytes += code > 0x7ff && (code & 0xf800) !== 0xd800 ? 2 : 1;
  }
  return bytes;
}
