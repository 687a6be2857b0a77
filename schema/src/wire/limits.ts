/** Bounds of what a client may send, checked before anything is parsed. */
export const WIRE_LIMITS = {
  /** Bytes of a body as it travels, compressed or not. */
  wireBytes: 5 * 1024 * 1024,
  /** Bytes of a body after its Content-Encoding is undone. */
  inflatedBytes: 20 * 1024 * 1024,
  /** Records in one batch. */
  records: 5000,
} as const;

export const DEFAULT_REQUESTS_PER_MINUTE = 100;
/** From a receipt to the checkpoint that covers what it names, at most, in cloud mode: schema/log.md, section 4. */
export const CLOUD_MERGE_MINUTES = 10;
/** Of the log's files: tiles are small and many. */
export const LOG_REQUESTS_PER_MINUTE = 1200;
/** Events a tenant on plan `free` may send in a calendar month (UTC). */
export const FREE_EVENTS_PER_MONTH = 10_000;
/** Of spend leases: each process of a key asks for its own, and calls of models wait for them. */
export const SPEND_REQUESTS_PER_MINUTE = 6000;
