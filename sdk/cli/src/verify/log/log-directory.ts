import { opendirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { LogFiles } from '@vantio/schema/verify/log/log-files';
import { CliError, systemCode } from '../../cli-error.ts';
import { readBounded } from '../../ledger/read-bounded.ts';

const SIZE = /^(0|[1-9][0-9]{0,15})$/;
const WIDTH = /^[1-9][0-9]{0,2}$/;

/** The files of a log in `NAME.log`. */
export const createLogDirectory = (directory: string): LogFiles => ({
  nameOf: (path) => join(directory, path),
  read: (path, maxBytes, scratch) => readBounded(join(directory, path), maxBytes, scratch),
  partialWidths: (fullPath) => {
    const beside = `${join(directory, fullPath)}.p`;
    if (!isDirectory(beside)) return [];
    return readable(beside, () => readdirSync(beside))
      .filter((name) => WIDTH.test(name))
      .map(Number);
  },
  checkpointSizes: () => sizesIn(join(directory, 'checkpoints')),
  cosignatureSizes: () => sizesIn(join(directory, 'cosignatures')),
});

export const isDirectory = (path: string): boolean =>
  statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;

const sizesIn = (path: string): Float64Array =>
  isDirectory(path) ? readable(path, () => listSizes(path)) : new Float64Array(0);

/** There may be a million of them: only their numbers are held. Others than sizes are no checkpoints. */
function listSizes(path: string): Float64Array {
  let sizes = new Float64Array(1024);
  let count = 0;
  const listing = opendirSync(path, { bufferSize: 1024 });
  try {
    for (let entry = listing.readSync(); entry !== null; entry = listing.readSync()) {
      const size = Number(entry.name);
      if (!SIZE.test(entry.name) || !Number.isSafeInteger(size)) continue;
      if (count === sizes.length) {
        const wider = new Float64Array(count * 2);
        wider.set(sizes);
        sizes = wider;
      }
      sizes[count++] = size;
    }
  } finally {
    listing.closeSync();
  }
  return sizes.slice(0, count).sort();
}

function readable<T>(path: string, use: () => T): T {
  try {
    return use();
  } catch (error) {
    throw new CliError(
      `${path} cannot be read (${systemCode(error)}); check the path and its rights.`,
    );
  }
}
