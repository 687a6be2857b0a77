/** Bytes of a body that are held back at most, to be looked at. */
export const MAX_BODY = 8 * 1024 * 1024;
