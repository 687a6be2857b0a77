/** @param bytes a number of bytes; 1 kB is 1,000 of them. */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  const units = ['kB', 'MB', 'GB', 'TB', 'PB'];
  let value = bytes / 1000;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${value.toFixed(value < 9.95 ? 1 : 0)} ${units[unit]}`;
}

/** @param micros microseconds. */
export function formatDuration(micros: number): string {
  if (micros < 1000) return `${micros} us`;
  if (micros < 999_500) return `${(micros / 1000).toFixed(micros < 9950 ? 1 : 0)} ms`;
  const seconds = micros / 1e6;
  if (seconds < 60) return `${seconds.toFixed(seconds < 9.95 ? 1 : 0)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}

export const formatCount = (count: number): string => count.toLocaleString('en-US');

/** `1 record`, `2 records`. */
export const plural = (count: number, noun: string, nouns = `${noun}s`): string =>
  `${formatCount(count)} ${count === 1 ? noun : nouns}`;
