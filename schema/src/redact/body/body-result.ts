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

/** In a body that was scanned, why some of it was not: a file in a form, an image in base64. */
type Partly = { readonly unscanned?: UnscannedReason };

export type BodyResult =
  /** `bytes` is the very array that was given. */
  | ({
      readonly kind: 'unchanged';
      readonly bytes: Uint8Array;
      readonly bytesScanned: number;
    } & Partly)
  | ({
      readonly kind: 'redacted';
      readonly bytes: Uint8Array;
      readonly bytesScanned: number;
      readonly counts: Counts;
    } & Partly)
  | { readonly kind: 'unscanned'; readonly reason: UnscannedReason };
