/** A name nobody checked that goes into an error: bounded, and in a harmless alphabet. */
export const boundedName = (name: string): string =>
  name.replace(/[^A-Za-z0-9_.-]/g, '?').slice(0, 64) || '?';
