import { CUE } from '../cues.ts';
import type { View } from '../view.ts';
import type { Cluster } from './cluster.ts';
import { endOf, type Hit, hitOf, startOf } from './hit.ts';
import { isOtherEleven, nationalId } from './national-digits.ts';
import { endsValue } from './number-edges.ts';
import { usNumber } from './us-numbers.ts';

/** A run of digits on its own. */
export function plain(view: View, cluster: Cluster, group: number): Hit | undefined {
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
