import type { BuiltInEntity } from '../entity.ts';

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
