import { writeSync } from 'node:fs';

const STDERR = 2;

/** Not by `process.stderr`: when nobody reads it any more, it tells so by an event that ends the host. */
export function tellStderr(line: string): void {
  try {
    writeSync(STDERR, `vantio: ${line}\n`);
  } catch {
    // Nobody is there to be told.
  }
}
