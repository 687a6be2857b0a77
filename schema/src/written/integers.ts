/** First digit of an HTTP status; undefined for what is no status, and so left out. */
export const writtenStatusClass = (status: unknown): number | undefined =>
  typeof status === 'number' && status >= 100 && status < 600
    ? Math.floor(status / 100)
    : undefined;

/** A port that its record requires: the nearest there is, 0 for none. */
export const requiredPort = (port: number | undefined): number =>
  port === undefined || Number.isNaN(port) ? 0 : Math.trunc(Math.min(Math.max(port, 0), 65_535));
