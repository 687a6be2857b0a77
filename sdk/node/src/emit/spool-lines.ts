import { closeSync, openSync, readSync } from 'node:fs';

const CHUNK = 256 * 1024;
const MAX_LINE = 64 * 1024;

/** Lines of a spool file in groups that fit one request. A last line without its newline was torn and is left out. */
export function* readLineGroups(
  path: string,
  maxLines: number,
  maxBytes: number,
): Generator<readonly string[], void> {
  let group: string[] = [];
  let bytes = 0;
  for (const line of readLines(path)) {
    if (group.length === maxLines || bytes + line.length > maxBytes) {
      yield group;
      group = [];
      bytes = 0;
    }
    group.push(line);
    bytes += line.length + 1;
  }
  if (group.length > 0) yield group;
}

export function countLines(path: string): number {
  let lines = 0;
  for (const _ of readLines(path)) lines++;
  return lines;
}

/** The file may be anything that somebody put there: a line without end is not read on. */
function* readLines(path: string): Generator<string, void> {
  const fd = openSync(path, 'r');
  try {
    const chunk = Buffer.alloc(CHUNK);
    let rest: Buffer = Buffer.alloc(0);
    for (let got = readSync(fd, chunk); got > 0; got = readSync(fd, chunk)) {
      let buffer: Buffer = Buffer.concat([rest, chunk.subarray(0, got)]);
      for (let end = buffer.indexOf(10); end >= 0; end = buffer.indexOf(10)) {
        if (end > 0) yield buffer.toString('utf8', 0, end);
        buffer = buffer.subarray(end + 1);
      }
      if (buffer.length > MAX_LINE) return;
      rest = buffer;
    }
  } finally {
    closeSync(fd);
  }
}
