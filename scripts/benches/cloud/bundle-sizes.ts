import { readFileSync } from 'node:fs';
import { printRow } from '../row.ts';

type Sizes = Readonly<Record<string, { readonly start: number; readonly total: number }>>;

const kib = (bytes: number): string => `${Math.round(bytes / 1024).toLocaleString('en')} KiB`;

/** What scripts/build made: of each function the JavaScript that is loaded before a request needs more, and all of it. */
export function printBundleSizes(file: string): void {
  const sizes = JSON.parse(readFileSync(file, 'utf8')) as Sizes;
  for (const [name, { start, total }] of Object.entries(sizes))
    printRow({
      what: `bundle of ${name}: JavaScript loaded at its start`,
      measured: kib(start),
      against: `${kib(total)} with what its first request may load, without the functions framework`,
    });
}
