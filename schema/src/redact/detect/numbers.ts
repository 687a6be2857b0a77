import { DIGIT, is, runEnd, UPPER } from '../characters.ts';
import { CUE } from '../cues.ts';
import type { BuiltInEntity } from '../entity.ts';
import { add, type View } from '../view.ts';
import { type Cluster, commonGap, digitsOf, gapLength, lengthsOf, readCluster } from './cluster.ts';
import { isWrittenDate } from './date-of-birth.ts';
import { isIpv4 } from './ipv4.ts';
import {
  isBsn,
  isCzech,
  isDanish,
  isNir,
  isSwedish,
  isTaxId,
  nationalId,
} from './national-digits.ts';
import { endsValue, startsFree } from './number-edges.ts';
import { cardLikeness, isCardGrouping } from './payment-card.ts';
import { phoneAt } from './phone.ts';
import { spacedWord } from './spaced-words.ts';
import { usNumber } from './us-numbers.ts';

type Hit = {
  readonly entity: BuiltInEntity;
  readonly start: number;
  readonly end: number;
  readonly last: number;
};
/** @returns what starts at this group, or undefined. */
type Detector = (view: View, cluster: Cluster, group: number) => Hit | undefined;

/** The most certain first: what has check digits before what is told by its shape. */
const DETECTORS: readonly Detector[] = [
  card,
  dotted,
  ssn,
  national,
  withLetters,
  bornOn,
  plain,
  phone,
];

/** A number that touches no letter. @returns where the scan goes on. */
export function numbers(view: View, start: number): number {
  const { text } = view;
  const run = runEnd(text, start, DIGIT);
  if (run - start < 7 && !goesOn(text, run)) return run;
  const cluster = readCluster(text, start);
  const { starts, ends } = cluster;
  let group = 0;
  while (group < starts.length) {
    const hit = startsValue(view, cluster, group) ? detect(view, cluster, group) : undefined;
    if (hit === undefined) group++;
    else {
      add(view, hit.entity, hit.start, hit.end);
      group = hit.last + 1;
    }
  }
  return Math.max(view.free, ends.at(-1) ?? start + 1);
}

/** Short numbers on their own, which most are, are nothing. */
function goesOn(text: string, end: number): boolean {
  return gapLength(text, end) > 0 || is(text, end + 1, UPPER);
}

function detect(view: View, cluster: Cluster, group: number): Hit | undefined {
  for (const detector of DETECTORS) {
    const hit = detector(view, cluster, group);
    if (hit !== undefined) return hit;
  }
  return undefined;
}

function startsValue({ text }: View, { starts, gaps }: Cluster, group: number): boolean {
  const gap = gaps[group - 1];
  return gap === undefined ? startsFree(text, starts[group] ?? 0) : gap !== '/' && gap !== '.';
}

const count = (cluster: Cluster): number => cluster.starts.length;
const startOf = (cluster: Cluster, group: number): number => cluster.starts[group] ?? 0;
const endOf = (cluster: Cluster, group: number): number => cluster.ends[group] ?? 0;

function hitOf(entity: BuiltInEntity, cluster: Cluster, group: number, last: number): Hit {
  return { entity, start: startOf(cluster, group), end: endOf(cluster, last), last };
}

function card(view: View, cluster: Cluster, group: number): Hit | undefined {
  const first = endOf(cluster, group) - startOf(cluster, group);
  if (first !== 4 && first !== 6 && first < 12) return undefined;
  const gap = cluster.gaps[group];
  for (let last = Math.min(group + 5, count(cluster) - 1); last >= group; last--) {
    if (last > group && !isCardGap(gap)) continue;
    const length = endOf(cluster, last) - startOf(cluster, group);
    if (length < 12 || length > 24) continue;
    if (last > group && commonGap(cluster, group, last) === undefined) continue;
    if (!endsValue(view.text, endOf(cluster, last))) continue;
    if (!isCardGrouping(lengthsOf(cluster, group, last))) continue;
    const likeness = cardLikeness(digitsOf(view.text, cluster, group, last));
    if (likeness === 'no') continue;
    const [start, end] = [startOf(cluster, group), endOf(cluster, last)];
    const isGrouped = last > group + 1;
    const isNamed = (): boolean => view.cues.near(CUE.card, start, end, 64, 32);
    if (likeness === 'weak' && !isNamed()) continue;
    if (!isGrouped && view.cues.near(CUE.other, start, start, 24, 0) && !isNamed()) continue;
    return hitOf('payment_card', cluster, group, last);
  }
  return undefined;
}

function isCardGap(gap: string | undefined): boolean {
  return gap === ' ' || gap === '-' || gap === '.' || gap === '\u00a0' || gap === '\u202f';
}

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

function ssn(view: View, cluster: Cluster, group: number): Hit | undefined {
  const last = group + 2;
  const gap = cluster.gaps[group];
  if (last >= count(cluster) || gap === undefined || gap.length !== 1 || gap === '/')
    return undefined;
  if (commonGap(cluster, group, last) === undefined) return undefined;
  if (lengthsOf(cluster, group, last).join() !== '3,2,4') return undefined;
  const [start, end] = [startOf(cluster, group), endOf(cluster, last)];
  if (!endsValue(view.text, end)) return undefined;
  const entity = usNumber(digitsOf(view.text, cluster, group, last));
  if (entity === undefined) return undefined;
  if (gap !== '-' && !view.cues.near(CUE.ssn | CUE.national, start, end, 64, 32)) return undefined;
  return hitOf(entity, cluster, group, last);
}

type Form = {
  /** Lengths of the groups, and what is between them: `6-4`, `2.2.2-3.2`. */
  readonly form: RegExp;
  readonly entity: BuiltInEntity;
  readonly holds: (digits: string) => boolean;
  readonly needsCue?: boolean;
};

/** Ways in which ids are written that say what they are. */
const FORMS: readonly Form[] = [
  { form: /^1[ .]2[ .]2[ .]2[ .]3[ .]3[ .]2$/, entity: 'fr_nir', holds: isNir },
  { form: /^13 2$/, entity: 'fr_nir', holds: isNir },
  { form: /^2[ -/]3[ -/]3[ -/]3$/, entity: 'de_tax_id', holds: isTaxId },
  { form: /^4\.2\.3$/, entity: 'nl_bsn', holds: isBsn },
  { form: /^3([ .-])3\1?3$|^4 2 3$/, entity: 'nl_bsn', holds: isBsn, needsCue: true },
  { form: /^2\.2\.2-3\.2$|^6 3 2$|^2 2 2 3 2$/, entity: 'eu_national_id', holds: isBelgianForm },
  { form: /^6[-+]4$/, entity: 'eu_national_id', holds: isSwedish },
  { form: /^8-4$/, entity: 'eu_national_id', holds: (digits) => isSwedish(digits.slice(2)) },
  { form: /^6\/[34]$/, entity: 'eu_national_id', holds: isCzech },
  { form: /^6-4$/, entity: 'eu_national_id', holds: isDanish, needsCue: true },
  {
    form: /^4 6$|^3 3 3$|^6 5$|^3-3-3$/,
    entity: 'eu_national_id',
    holds: (digits) => nationalId(digits)?.entity === 'eu_national_id',
    needsCue: true,
  },
];

function isBelgianForm(digits: string): boolean {
  return nationalId(digits)?.entity === 'eu_national_id';
}

function national(view: View, cluster: Cluster, group: number): Hit | undefined {
  const first = endOf(cluster, group) - startOf(cluster, group);
  if (cluster.gaps[group] === undefined || first === 5 || first === 7 || first > 13)
    return undefined;
  let form = String(first);
  for (let last = group + 1; last < Math.min(count(cluster), group + 7); last++) {
    const gap = cluster.gaps[last - 1] ?? '';
    if (gap.length !== 1) return undefined;
    form += gap.replace('\u00a0', ' ') + (endOf(cluster, last) - startOf(cluster, last));
    if (!endsValue(view.text, endOf(cluster, last))) continue;
    for (const { form: shape, entity, holds, needsCue } of FORMS) {
      if (!shape.test(form) || !holds(digitsOf(view.text, cluster, group, last))) continue;
      const [start, end] = [startOf(cluster, group), endOf(cluster, last)];
      const kinds = CUE.national | CUE.bsn | CUE.ssn;
      if (needsCue === true && !view.cues.near(kinds, start, end, 64, 32)) continue;
      return hitOf(entity, cluster, group, last);
    }
  }
  return undefined;
}

function bornOn(view: View, cluster: Cluster, group: number): Hit | undefined {
  const last = group + 2;
  if (last >= count(cluster) || (cluster.gaps[group]?.length ?? 2) > 1) return undefined;
  if (commonGap(cluster, group, last) === undefined) return undefined;
  const [start, end] = [startOf(cluster, group), endOf(cluster, last)];
  if (end - start > 10 || !isWrittenDate(view.text.slice(start, end))) return undefined;
  return view.cues.near(CUE.birth, start, end, 48, 24)
    ? hitOf('date_of_birth', cluster, group, last)
    : undefined;
}

function phone(view: View, cluster: Cluster, group: number): Hit | undefined {
  const hit = phoneAt(view, cluster, group);
  return hit === undefined ? undefined : { entity: 'phone', ...hit };
}

/** Digits that a letter completes: `12345678-Z`, `AB 12 34 56 C`, `131052-308T`. */
function withLetters(view: View, cluster: Cluster, group: number): Hit | undefined {
  const start = startOf(cluster, group);
  const hit = spacedWord(view.text, start, view.free);
  if (hit === undefined) return undefined;
  let last = group;
  while (last + 1 < count(cluster) && endOf(cluster, last + 1) <= hit.end) last++;
  return { ...hit, last };
}

/** A run of digits on its own. */
function plain(view: View, cluster: Cluster, group: number): Hit | undefined {
  const [start, end] = [startOf(cluster, group), endOf(cluster, group)];
  const length = end - start;
  if (length < 8 || length > 15 || !endsValue(view.text, end)) return undefined;
  const isCued = (kinds: number): boolean => view.cues.near(kinds, start, end, 64, 32);
  const digits = view.text.slice(start, end);
  const id = nationalId(digits);
  if (id?.isSure === true && !view.cues.near(CUE.other, start, start, 24, 0))
    return hitOf(id.entity, cluster, group, group);
  if (length === 9) {
    if (id?.entity === 'nl_bsn' && isCued(CUE.bsn)) return hitOf('nl_bsn', cluster, group, group);
    const us = isCued(CUE.ssn) ? usNumber(digits) : undefined;
    if (us !== undefined) return hitOf(us, cluster, group, group);
  }
  if (length <= 10 && isCued(CUE.passport)) return hitOf('passport', cluster, group, group);
  if (id === undefined) return undefined;
  const kinds = id.entity === 'nl_bsn' ? CUE.bsn : CUE.national | CUE.ssn;
  return isCued(kinds) ? hitOf(id.entity, cluster, group, group) : undefined;
}
