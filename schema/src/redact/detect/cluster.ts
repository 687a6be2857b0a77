import { classOf, DIGIT } from '../characters.ts';

/** Groups of digits with something between them that people put between digits: `+49 (0)30 123-456`. */
export type Cluster = {
  /** Where each group starts and ends. */
  readonly starts: number[];
  readonly ends: number[];
  /** What is before each group but the first: `' '`, `'-'`, `') '`. */
  readonly gaps: string[];
};

/** No value has more groups than twelve; the rest of a longer row is read again from where the last could start. */
export const MAX_GROUPS = 48;

/** @param start of the first digit. */
export function readCluster(text: string, start: number): Cluster {
  const cluster: Cluster = { starts: [], ends: [], gaps: [] };
  let at = start;
  while (cluster.starts.length < MAX_GROUPS) {
    cluster.starts.push(at);
    while (isDigit(text, at)) at++;
    cluster.ends.push(at);
    const length = gapLength(text, at);
    if (length === 0) break;
    cluster.gaps.push(
      length === 1 && text.charCodeAt(at) === 32 ? ' ' : text.slice(at, at + length),
    );
    at += length;
  }
  return cluster;
}

function isDigit(text: string, at: number): boolean {
  return classOf(text.charCodeAt(at)) % 2 === DIGIT;
}

/** How many characters are between these digits and the next of the same cluster; 0: there are none. */
export function gapLength(text: string, at: number): number {
  for (let length = 0; length <= 3; length++) {
    if (isDigit(text, at + length)) return length;
    if (!isGap(text.charCodeAt(at + length))) return 0;
  }
  return 0;
}

function isGap(code: number): boolean {
  // Space, ( ) - . / and the no-break space, hyphens and dashes that typesetters use.
  return (
    code === 32 ||
    code === 45 ||
    code === 46 ||
    code === 47 ||
    code === 40 ||
    code === 41 ||
    code === 0xa0 ||
    code === 0x202f ||
    (code >= 0x2010 && code <= 0x2013)
  );
}

export function digitsOf(
  text: string,
  { starts, ends }: Cluster,
  from: number,
  to: number,
): string {
  let digits = '';
  for (let group = from; group <= to; group++) digits += text.slice(starts[group], ends[group]);
  return digits;
}

/** The gap that all of the groups have between them; undefined when they differ. */
export function commonGap({ gaps }: Cluster, from: number, to: number): string | undefined {
  const gap = gaps[from];
  for (let group = from + 1; group < to; group++) if (gaps[group] !== gap) return undefined;
  return gap;
}

export function lengthsOf({ starts, ends }: Cluster, from: number, to: number): number[] {
  const lengths: number[] = [];
  for (let group = from; group <= to; group++)
    lengths.push((ends[group] ?? 0) - (starts[group] ?? 0));
  return lengths;
}
