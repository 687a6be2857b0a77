import { CUE } from '../cues.ts';
import type { View } from '../view.ts';
import { isLuhn } from './check-digits.ts';
import { type Cluster, digitsOf } from './cluster.ts';
import { endOf, type Hit, hitOf, sizeOf, startOf } from './hit.ts';
import { endsValue } from './number-edges.ts';
import { cardLikeness } from './payment-card.ts';

const MIN_DIGITS = 12;
const MAX_DIGITS = 19;

/** The number of a payment card, the longest that starts with this group. */
export function card(view: View, cluster: Cluster, group: number): Hit | undefined {
  const first = sizeOf(cluster, group);
  if (first !== 4 && first !== 6 && first < MIN_DIGITS) return undefined;
  let size = first;
  let last = group;
  while (joinsCard(cluster, group, last) && size + sizeOf(cluster, last + 1) <= MAX_DIGITS)
    size += sizeOf(cluster, ++last);
  if (size < MIN_DIGITS || size > MAX_DIGITS) return undefined;
  const six = firstSix(view.text, cluster, group);
  let digits: string | undefined;
  for (; size >= MIN_DIGITS; size -= sizeOf(cluster, last--)) {
    if (!endsValue(view.text, endOf(cluster, last)) || !isCardGrouping(cluster, group, last))
      continue;
    const likeness = cardLikeness(six, size);
    if (likeness === 'no') continue;
    digits ??= digitsOf(view.text, cluster, group, last);
    if (isLuhn(digits.slice(0, size)) && isLikely(view, cluster, group, last, likeness === 'weak'))
      return hitOf('payment_card', cluster, group, last);
  }
  return undefined;
}

/** As a number: of the digits that nearly all numbers have there no card begins. */
function firstSix(text: string, { starts, ends }: Cluster, group: number): number {
  let six = 0;
  let left = 6;
  for (let at = group; left > 0 && at < starts.length; at++)
    for (let place = starts[at] ?? 0; left > 0 && place < (ends[at] ?? 0); place++, left--)
      six = six * 10 + text.charCodeAt(place) - 48;
  return six;
}

function isLikely(
  { cues }: View,
  cluster: Cluster,
  group: number,
  last: number,
  isWeak: boolean,
): boolean {
  const [start, end] = [startOf(cluster, group), endOf(cluster, last)];
  const isDoubtful = isWeak || (last <= group + 1 && cues.near(CUE.other, start, start, 4, 0));
  return !isDoubtful || cues.near(CUE.card, start, end, 64, 32);
}

/** Whether the group behind `last` may be of the same card: the same gap as before it, one that cards have. */
function joinsCard({ starts, gaps }: Cluster, group: number, last: number): boolean {
  const gap = gaps[last];
  if (last + 1 >= starts.length || gap !== gaps[group]) return false;
  return gap === ' ' || gap === '-' || gap === '.' || gap === '\u00a0' || gap === '\u202f';
}

/** Cards are printed in groups of four to seven; 4-6-5 and 4-6-4 are American Express and Diners. */
function isCardGrouping(cluster: Cluster, group: number, last: number): boolean {
  for (let at = group; at < last; at++) {
    const size = sizeOf(cluster, at);
    if (size < 3 || size > 6) return false;
  }
  return true;
}
