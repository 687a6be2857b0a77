/** Microseconds since 1970 of a record's instant: from the year 2255 on they do not fit in a number. */
export const microsOf = (at: string): bigint =>
  BigInt(Date.parse(`${at.slice(0, 23)}Z`)) * 1000n + BigInt(at.slice(23, 26));
