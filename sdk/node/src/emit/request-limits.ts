import { WIRE_LIMITS } from '@vantio/schema/wire/limits';

/** What one request may hold: below the wire's bounds, so that a last record or newline does not pass them. */
export const REQUEST = {
  records: WIRE_LIMITS.records - 500,
  bytes: WIRE_LIMITS.wireBytes - 1024 * 1024,
} as const;
