import type { Counts } from '../entity.ts';

/** As the record's `unscanned_reason`. */
export type UnscannedReason =
  | 'binary'
  | 'encoding'
  | 'error'
  | 'format'
  | 'multipart'
  | 'signed'
  | 'size'
  | 'stream';

export type BodyResult =
  /** `bytes` is the very array that was given. */
  | { readonly kind: 'unchanged'; readonly bytes: Uint8Array; readonly bytesScanned: number }
  | {
      readonly kind: 'redacted';
      readonly bytes: Uint8Array;
      readonly bytesScanned: number;
      readonly counts: Counts;
    }
  | { readonly kind: 'unscanned'; readonly reason: UnscannedReason };
