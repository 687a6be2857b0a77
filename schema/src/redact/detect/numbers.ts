import { DIGIT, is, runEnd, UPPER } from '../characters.ts';
import { CUE } from '../cues.ts';
import type { BuiltInEntity } from '../entity.ts';
import { add, type View } from '../view.ts';
import {
  type Cluster,
  commonGap,
  digitsOf,
  gapLength,
  lengthsOf,
  MAX_GROUPS,
  readCluster,
} from './cluster.ts';
import { isWrittenDate, wordyBirth } from './date-of-birth.ts';
import { isIpv4 } from './ipv4.ts';
import {
  isBsn,
  isCzech,
  isDanish,
  isNir,
  isOtherEleven,
  isSwedish,
  isTaxId,
  nationalId,
} from './national-digits.ts';
import { endsValue, startsFree } from './number-edges.ts';
import { cardLikeness, isCardGrouping } from './payment-card.ts';
import { phoneAt } from './phone.ts';
import { spacedWord } from './spaced-words.ts';
import { streetAddressEnd } from './street-address.ts';
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

const DIALLED: readonly Detector[] = [phone];
const DATED: readonly Detector[] = [bornOn];

/** A number that touches no letter. @returns where the scan goes on. */
export function numbers(view: View, start: number): number {
  const { text } = view;
  const run = runEnd(text, start, DIGIT);
  if (run - start < 7 && !goesOn(text, run)) return run;
  const cluster = readCluster(text, start);
  const { starts, ends } = cluster;
  if ((ends.at(-1) ?? 0) - start < 6 || isLongRow(cluster)) return ends.at(-1) ?? run;
  let group = 0;
  while (group < starts.length) {
    const hit = startsValue(view, cluster, group) ? detect(view, cluster, group) : undefined;
    if (hit === undefined) {
      const end = group === starts.length - 1 ? addressOrBirth(view, starts[group] ?? 0) : -1;
      if (end >= 0) return end;
      // The rest of a date is no more than the date was.
      group += isDateShape(cluster, group) ? 3 : 1;
    } else {
      add(view, hit.entity, hit.start, hit.end);
      group = hit.last + 1;
    }
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

function detect(view: View, cluster: Cluster, group: number): Hit | undefined {
  const isDialled = view.text.charCodeAt((cluster.starts[group] ?? 0) - 1) === 43;
  const detectors = isDialled ? DIALLED : isDateShape(cluster, group) ? DATED : DETECTORS;
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

/** 2024-05-06 and 06.05.2024: most rows of numbers that logs have. */
function isDateShape(cluster: Cluster, group: number): boolean {
  const { starts, gaps } = cluster;
  if (group + 2 >= starts.length || gaps[group] !== gaps[group + 1] || gaps[group] === ' ')
    return false;
  const size = (index: number): number => endOf(cluster, index) - startOf(cluster, index);
  const [first, last] = [size(group), size(group + 2)];
  return size(group + 1) <= 2 && ((first === 4 && last <= 2) || (first <= 2 && last === 4));
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
  let size = 0;
  let widest = group;
  for (; widest < Math.min(group + 6, count(cluster)); widest++) {
    size += endOf(cluster, widest) - startOf(cluster, widest);
    if (size > 19) break;
    if (!isCardGap(cluster.gaps[widest])) {
      widest++;
      break;
    }
  }
  for (let last = Math.min(widest, count(cluster) - 1); last >= group; last--) {
    const length = endOf(cluster, last) - startOf(cluster, group);
    if (length < 12) break;
    if (length > 24) continue;
    if (last > group && commonGap(cluster, group, last) === undefined) continue;
    if (!endsValue(view.text, endOf(cluster, last))) continue;
    if (!isCardGrouping(lengthsOf(cluster, group, last))) continue;
    const likeness = cardLikeness(digitsOf(view.text, cluster, group, last));
    if (likeness === 'no') continue;
    const [start, end] = [startOf(cluster, group), endOf(cluster, last)];
    const isGrouped = last > group + 1;
    const isNamed = (): boolean => view.cues.near(CUE.card, start, end, 64, 32);
    if (likeness === 'weak' && !isNamed()) continue;
    if (!isGrouped && view.cues.near(CUE.other, start, start, 4, 0) && !isNamed()) continue;
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
  if (gap !== '-' && !view.cues.near(CUE.ssn | CUE.national | CUE.own, start, end, 64, 32))
    return undefined;
  return hitOf(entity, cluster, group, last);
}

type Form = {
  readonly lengths: readonly number[];
  /** What may be between the groups, each time the same; or what is, one after the other. */
  readonly gaps: string | readonly string[];
  readonly entity: BuiltInEntity;
  readonly holds: (digits: string) => boolean;
  readonly needsCue?: boolean;
};

const isEuropean = (digits: string): boolean => nationalId(digits)?.entity === 'eu_national_id';

/** Ways in which ids are written that say what they are. */
const FORMS: readonly Form[] = [
  { lengths: [1, 2, 2, 2, 3, 3, 2], gaps: ' .', entity: 'fr_nir', holds: isNir },
  { lengths: [13, 2], gaps: ' ', entity: 'fr_nir', holds: isNir },
  { lengths: [2, 3, 3, 3], gaps: ' -/', entity: 'de_tax_id', holds: isTaxId },
  { lengths: [4, 2, 3], gaps: '.', entity: 'nl_bsn', holds: isBsn },
  { lengths: [3, 3, 3], gaps: ' .-', entity: 'nl_bsn', holds: isBsn, needsCue: true },
  { lengths: [4, 2, 3], gaps: ' ', entity: 'nl_bsn', holds: isBsn, needsCue: true },
  {
    lengths: [2, 2, 2, 3, 2],
    gaps: ['.', '.', '-', '.'],
    entity: 'eu_national_id',
    holds: isEuropean,
  },
  { lengths: [2, 2, 2, 3, 2], gaps: ' ', entity: 'eu_national_id', holds: isEuropean },
  { lengths: [6, 3, 2], gaps: ' ', entity: 'eu_national_id', holds: isEuropean },
  { lengths: [6, 4], gaps: '-', entity: 'eu_national_id', holds: isSwedish },
  {
    lengths: [8, 4],
    gaps: '-',
    entity: 'eu_national_id',
    holds: (digits) => isSwedish(digits.slice(2)),
  },
  { lengths: [6, 3], gaps: '/', entity: 'eu_national_id', holds: isCzech },
  { lengths: [6, 4], gaps: '/', entity: 'eu_national_id', holds: isCzech },
  { lengths: [6, 5], gaps: '-', entity: 'eu_national_id', holds: isDanish, needsCue: true },
  { lengths: [6, 4], gaps: '-', entity: 'eu_national_id', holds: isDanish, needsCue: true },
  { lengths: [4, 6], gaps: ' ', entity: 'eu_national_id', holds: isEuropean, needsCue: true },
  { lengths: [3, 3, 3], gaps: ' -', entity: 'eu_national_id', holds: isEuropean, needsCue: true },
  { lengths: [6, 5], gaps: ' ', entity: 'eu_national_id', holds: isEuropean, needsCue: true },
];
const FORMS_BY_FIRST = new Map<number, Form[]>();
for (const form of FORMS) {
  const [first = 0] = form.lengths;
  FORMS_BY_FIRST.set(first, [...(FORMS_BY_FIRST.get(first) ?? []), form]);
}

function hasForm(cluster: Cluster, group: number, { lengths, gaps }: Form): boolean {
  for (const [index, length] of lengths.entries()) {
    if (endOf(cluster, group + index) - startOf(cluster, group + index) !== length) return false;
    if (index === 0) continue;
    const gap = cluster.gaps[group + index - 1] ?? '';
    const isGap =
      typeof gaps === 'string'
        ? gap.length === 1 && gaps.includes(gap) && gap === cluster.gaps[group]
        : gap === gaps[index - 1];
    if (!isGap) return false;
  }
  return true;
}

function national(view: View, cluster: Cluster, group: number): Hit | undefined {
  const first = endOf(cluster, group) - startOf(cluster, group);
  for (const form of FORMS_BY_FIRST.get(first) ?? []) {
    if (!hasForm(cluster, group, form)) continue;
    const last = group + form.lengths.length - 1;
    const [start, end] = [startOf(cluster, group), endOf(cluster, last)];
    if (!endsValue(view.text, end) || !form.holds(digitsOf(view.text, cluster, group, last)))
      continue;
    const kinds = CUE.national | CUE.own | CUE.bsn | CUE.ssn;
    if (form.needsCue === true && !view.cues.near(kinds, start, end, 64, 32)) continue;
    return hitOf(form.entity, cluster, group, last);
  }
  return undefined;
}

/** By the lengths of its groups alone. */
function mayBeDate({ starts, ends }: Cluster, group: number): boolean {
  const size = (index: number): number => (ends[index] ?? 0) - (starts[index] ?? 0);
  return (
    size(group) !== 3 &&
    size(group) <= 4 &&
    size(group + 1) <= 2 &&
    size(group + 2) !== 3 &&
    size(group + 2) <= 4
  );
}

function bornOn(view: View, cluster: Cluster, group: number): Hit | undefined {
  const last = group + 2;
  if (cluster.gaps[group] === ' ' && endOf(cluster, last) - startOf(cluster, last) !== 4)
    return undefined;
  if (!mayBeDate(cluster, group)) return undefined;
  if (last >= count(cluster) || (cluster.gaps[group]?.length ?? 2) > 1) return undefined;
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
  const isOther = (): boolean =>
    view.cues.near(CUE.other, start, start, 4, 0) ||
    (view.cues.near(CUE.phone, start, start, 16, 0) && !isCued(CUE.national | CUE.own | CUE.ssn));
  if (id?.isSure === true && !isOther()) {
    const isAnothers =
      length === 11 && isOtherEleven(digits) && isCued(CUE.national) && !isCued(CUE.own);
    return hitOf(isAnothers ? 'eu_national_id' : id.entity, cluster, group, group);
  }
  if (length === 9) {
    if (id?.entity === 'nl_bsn' && isCued(CUE.bsn)) return hitOf('nl_bsn', cluster, group, group);
    const us = isCued(CUE.ssn) ? usNumber(digits) : undefined;
    if (us !== undefined) return hitOf(us, cluster, group, group);
  }
  if (length <= 10 && isCued(CUE.passport)) return hitOf('passport', cluster, group, group);
  if (id === undefined) return undefined;
  const kinds = id.entity === 'nl_bsn' ? CUE.bsn : CUE.national | CUE.own | CUE.ssn;
  return isCued(kinds) ? hitOf(id.entity, cluster, group, group) : undefined;
}
