import { DIGIT, is } from '../characters.ts';
import { CUE } from '../cues.ts';
import type { View } from '../view.ts';
import { type Cluster, commonGap } from './cluster.ts';
import { isWrittenDate } from './date-of-birth.ts';
import { endOf, type Hit, hitOf, sizeOf, startOf } from './hit.ts';

/** 2024-05-06 and 06.05.2024: most rows of numbers that logs have. */
export function isDateShape(cluster: Cluster, group: number): boolean {
  const { starts, gaps } = cluster;
  if (group + 2 >= starts.length || gaps[group] !== gaps[group + 1] || gaps[group] === ' ')
    return false;
  const size = (index: number): number => sizeOf(cluster, index);
  const [first, last] = [size(group), size(group + 2)];
  return size(group + 1) <= 2 && ((first === 4 && last <= 2) || (first <= 2 && last === 4));
}

/** By the lengths of its groups alone. */
function mayBeDate(cluster: Cluster, group: number): boolean {
  const size = (index: number): number => sizeOf(cluster, index);
  return (
    size(group) !== 3 &&
    size(group) <= 4 &&
    size(group + 1) <= 2 &&
    size(group + 2) !== 3 &&
    size(group + 2) <= 4
  );
}

/** A date in digits near a word of birth. */
export function bornOn(view: View, cluster: Cluster, group: number): Hit | undefined {
  const last = group + 2;
  if (cluster.gaps[group] === ' ' && endOf(cluster, last) - startOf(cluster, last) !== 4)
    return undefined;
  if (!mayBeDate(cluster, group)) return undefined;
  if (last >= cluster.starts.length || (cluster.gaps[group]?.length ?? 2) > 1) return undefined;
  if (commonGap(cluster, group, last) === undefined) return undefined;
  const [start, end] = [startOf(cluster, group), endOf(cluster, last)];
  if (isTimestamp(view.text, end) && !view.cues.isHinted(CUE.birth)) return undefined;
  if (end - start > 10 || !isWrittenDate(view.text.slice(start, end))) return undefined;
  return view.cues.near(CUE.birth, start, end, 48, 24)
    ? hitOf('date_of_birth', cluster, group, last)
    : undefined;
}

/** A day with a time of day behind it is when something happened, unless its name says otherwise. */
function isTimestamp(text: string, end: number): boolean {
  const code = text.charCodeAt(end);
  return (
    (code === 84 || code === 32) && is(text, end + 1, DIGIT) && text.charCodeAt(end + 3) === 58
  );
}
