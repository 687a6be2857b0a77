import { CUE } from '../cues.ts';
import type { BuiltInEntity } from '../entity.ts';
import type { View } from '../view.ts';
import { type Cluster, commonGap, digitsOf } from './cluster.ts';
import { endOf, type Hit, hitOf, sizeOf, startOf } from './hit.ts';
import { endsValue } from './number-edges.ts';

/** Nine digits as the Social Security Administration and the IRS give them out. */
export function usNumber(digits: string): BuiltInEntity | undefined {
  const area = Number(digits.slice(0, 3));
  const group = Number(digits.slice(3, 5));
  if (digits.slice(5) === '0000' || group === 0) return undefined;
  if (area < 900) return area === 0 || area === 666 ? undefined : 'us_ssn';
  const isItin =
    (group >= 50 && group <= 65) ||
    (group >= 70 && group <= 88) ||
    (group >= 90 && group <= 92) ||
    (group >= 94 && group <= 99);
  return isItin ? 'us_itin' : undefined;
}

/** The number of US social security or of a taxpayer without one: 3-2-4. */
export function usGroups(view: View, cluster: Cluster, group: number): Hit | undefined {
  const last = group + 2;
  const gap = cluster.gaps[group];
  if (
    sizeOf(cluster, group) !== 3 ||
    sizeOf(cluster, group + 1) !== 2 ||
    sizeOf(cluster, last) !== 4
  )
    return undefined;
  if (gap === undefined || gap.length !== 1 || gap === '/') return undefined;
  if (commonGap(cluster, group, last) === undefined) return undefined;
  const [start, end] = [startOf(cluster, group), endOf(cluster, last)];
  if (!endsValue(view.text, end)) return undefined;
  const entity = usNumber(digitsOf(view.text, cluster, group, last));
  if (entity === undefined) return undefined;
  if (gap !== '-' && !view.cues.near(CUE.ssn | CUE.national | CUE.own, start, end, 64, 32))
    return undefined;
  return hitOf(entity, cluster, group, last);
}
