/**
 * RFC 3339 text in UTC with six fraction digits.
 * @param micros microseconds since 1970-01-01T00:00:00Z, within 2^53 - 1.
 */
export function instantFromMicros(micros: number): string {
  const millis = Math.floor(micros / 1000);
  return `${new Date(millis).toISOString().slice(0, 23)}${String(micros - millis * 1000).padStart(3, '0')}Z`;
}

/** Inverse of `instantFromMicros`. */
export const microsFromInstant = (instant: string): number =>
  Date.parse(`${instant.slice(0, 23)}Z`) * 1000 + Number(instant.slice(23, 26));
