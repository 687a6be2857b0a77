import { CUE } from '../cues.ts';
import type { BuiltInEntity } from '../entity.ts';
import type { View } from '../view.ts';
import { type Cluster, digitsOf } from './cluster.ts';
import { endOf, type Hit, hitOf, sizeOf, startOf } from './hit.ts';
import {
  isBsn,
  isCzech,
  isDanish,
  isNir,
  isSwedish,
  isTaxId,
  nationalId,
} from './national-digits.ts';
import { endsValue } from './number-edges.ts';

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
const MAX_SIZE = 16;
/** By the lengths of the first two groups: nearly all numbers are done with after one look. */
const FORMS_BY_LENGTHS: (readonly Form[] | undefined)[] = [];
for (const form of FORMS) {
  const [first = 0, second = 0] = form.lengths;
  const at = first * MAX_SIZE + second;
  FORMS_BY_LENGTHS[at] = [...(FORMS_BY_LENGTHS[at] ?? []), form];
}

function formsOf(cluster: Cluster, group: number): readonly Form[] | undefined {
  const [first, second] = [sizeOf(cluster, group), sizeOf(cluster, group + 1)];
  return first < MAX_SIZE && second < MAX_SIZE
    ? FORMS_BY_LENGTHS[first * MAX_SIZE + second]
    : undefined;
}

/** The lengths of the first two groups are known to be right. */
function hasForm(cluster: Cluster, group: number, { lengths, gaps }: Form): boolean {
  for (let index = 1; index < lengths.length; index++) {
    if (sizeOf(cluster, group + index) !== lengths[index]) return false;
    const gap = cluster.gaps[group + index - 1] ?? '';
    const isGap =
      typeof gaps === 'string'
        ? gap.length === 1 && gaps.includes(gap) && gap === cluster.gaps[group]
        : gap === gaps[index - 1];
    if (!isGap) return false;
  }
  return true;
}

/** An id whose groups say what it is. */
export function national(view: View, cluster: Cluster, group: number): Hit | undefined {
  const forms = formsOf(cluster, group);
  if (forms === undefined) return undefined;
  for (const form of forms) {
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
