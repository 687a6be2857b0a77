import { DIGIT, is, runEnd, UPPER } from '../characters.ts';
import { add, type View } from '../view.ts';
import { bornOn, isDateShape } from './born-on.ts';
import { card } from './card.ts';
import { type Cluster, commonGap, gapLength, MAX_GROUPS, readCluster } from './cluster.ts';
import { wordyBirth } from './date-of-birth.ts';
import { type Detector, endOf, type Hit, hitOf, sizeOf, startOf } from './hit.ts';
import { isIpv4 } from './ipv4.ts';
import { national } from './national-groups.ts';
import { startsFree } from './number-edges.ts';
import { phoneAt } from './phone.ts';
import { plain } from './plain-digits.ts';
import { mayBeSpaced, spacedWord } from './spaced-words.ts';
import { streetAddressEnd } from './street-address.ts';
import { usGroups } from './us-numbers.ts';

/** The most certain first: what has check digits before what is told by its shape. */
const DETECTORS: readonly Detector[] = [
  card,
  dotted,
  usGroups,
  national,
  withLetters,
  bornOn,
  plain,
  phone,
];
/** Of groups of one to three digits, which most are, few values begin: `card` and `plain` are none of them. */
const SHORT: readonly (readonly Detector[])[] = [
  DETECTORS,
  [dotted, national, withLetters, bornOn, phone],
  [dotted, national, withLetters, bornOn, phone],
  [dotted, usGroups, national, withLetters, phone],
];

/** What fewer digits can be, and no telephone has. */
const MIN_DIGITS = 7;
const FEW: readonly Detector[] = [dotted, withLetters, bornOn];

const DIALLED: readonly Detector[] = [phone];
const DATED: readonly Detector[] = [bornOn];

/** A number that touches no letter. @returns where the scan goes on. */
export function numbers(view: View, start: number): number {
  const { text } = view;
  const run = runEnd(text, start, DIGIT);
  if (run - start < 7 && !goesOn(text, run)) return run;
  // A group that is alone.
  if (run - start < 6 && gapLength(text, run) === 0) return run;
  const cluster = readCluster(text, start);
  const { starts, ends } = cluster;
  if ((ends.at(-1) ?? 0) - start < 6 || isLongRow(cluster)) return ends.at(-1) ?? run;
  let group = 0;
  let left = 0;
  for (let at = 0; at < starts.length; at++) left += sizeOf(cluster, at);
  while (group < starts.length) {
    const first = group;
    const hit = startsValue(view, cluster, group) ? detect(view, cluster, group, left) : undefined;
    if (hit === undefined) {
      const end = group === starts.length - 1 ? addressOrBirth(view, starts[group] ?? 0) : -1;
      if (end >= 0) return end;
      // The rest of a date is no more than the date was.
      group += isDateShape(cluster, group) ? 3 : 1;
    } else {
      add(view, hit.entity, hit.start, hit.end);
      group = hit.last + 1;
    }
    for (let at = first; at < group && at < starts.length; at++) left -= sizeOf(cluster, at);
  }
  return Math.max(view.free, ends.at(-1) ?? start + 1);
}

/** As many small numbers as no value has are a row of them. */
function isLongRow({ starts, ends, gaps }: Cluster): boolean {
  if (starts.length < MAX_GROUPS) return false;
  return starts.every((start, at) => (ends[at] ?? 0) - start <= 2 && (gaps[at] ?? ' ') === ' ');
}

/** Short numbers on their own, which most are, are nothing. */
function goesOn(text: string, end: number): boolean {
  return gapLength(text, end) > 0 || is(text, end + 1, UPPER);
}

/** A short number that words complete. @returns the end, or -1. */
export function addressOrBirth(view: View, start: number): number {
  if (runEnd(view.text, start, DIGIT) - start > 6) return -1;
  const born = wordyBirth(view, start);
  return born === undefined
    ? streetAddressEnd(view, start)
    : add(view, 'date_of_birth', born.start, born.end);
}

/** @param left digits of the cluster from the group on. */
function detect(view: View, cluster: Cluster, group: number, left: number): Hit | undefined {
  const isDialled = view.text.charCodeAt((cluster.starts[group] ?? 0) - 1) === 43;
  const detectors = isDialled
    ? DIALLED
    : isDateShape(cluster, group)
      ? DATED
      : left < MIN_DIGITS
        ? FEW
        : (SHORT[sizeOf(cluster, group)] ?? DETECTORS);
  for (const detector of detectors) {
    const hit = detector(view, cluster, group);
    if (hit !== undefined) return hit;
  }
  return undefined;
}

function startsValue({ text }: View, { starts, gaps }: Cluster, group: number): boolean {
  const gap = gaps[group - 1];
  return gap === undefined
    ? startsFree(text, starts[group] ?? 0)
    : gap === ' ' || /[ \u00a0\u202f(]/.test(gap);
}

const count = (cluster: Cluster): number => cluster.starts.length;
function dotted(view: View, cluster: Cluster, group: number): Hit | undefined {
  if (cluster.gaps[group] !== '.') return undefined;
  const last = group + 3;
  if (
    last < count(cluster) &&
    commonGap(cluster, group, last) === '.' &&
    cluster.gaps[last] !== '.'
  ) {
    const [start, end] = [startOf(cluster, group), endOf(cluster, last)];
    if (isIpv4(view, start, end)) return hitOf('ipv4', cluster, group, last);
  }
  return undefined;
}

function phone(view: View, cluster: Cluster, group: number): Hit | undefined {
  const hit = phoneAt(view, cluster, group);
  return hit === undefined ? undefined : { entity: 'phone', ...hit };
}

/** Digits that a letter completes: `12345678-Z`, `AB 12 34 56 C`, `131052-308T`. */
function withLetters(view: View, cluster: Cluster, group: number): Hit | undefined {
  const start = startOf(cluster, group);
  if (!mayBeSpaced(view.text, start, sizeOf(cluster, group))) return undefined;
  const hit = spacedWord(view.text, start, view.free);
  if (hit === undefined) return undefined;
  let last = group;
  while (last + 1 < count(cluster) && endOf(cluster, last + 1) <= hit.end) last++;
  return { ...hit, last };
}
