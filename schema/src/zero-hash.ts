/** `prev` of the first record of a session. */
export const ZERO_HASH = '0'.repeat(64);
