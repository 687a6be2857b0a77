import { classOf, WORD } from '../characters.ts';
import type { View } from '../view.ts';

export const OCTETS = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/;
const VERSION =
  /(?:\bv|versions?|release|firmware|build|section|chapter|\bver\.?|§|upgraded? to|kernel|driver|chrome\/|safari\/|edg\/|[a-z]=?=|[a-z]@|\^|~) ?$/i;
const HOST =
  /(?:ip|host|addr|server|remote|client|src|dst|from|to|url|dns|gateway|endpoint)\w{0,8}=$/i;

/** Four octets that are not called a version: `v1.2.3.4` and `Chrome/1.2.3.4` are, `ip=1.2.3.4` is not. */
export function isIpv4({ text }: View, start: number, end: number): boolean {
  if (end - start > 15 || (classOf(text.charCodeAt(end)) & WORD) !== 0) return false;
  const after = text.charCodeAt(end);
  if ((after === 45 || after === 43) && (classOf(text.charCodeAt(end + 1)) & WORD) !== 0)
    return false;
  if (!OCTETS.test(text.slice(start, end))) return false;
  const before = text.slice(Math.max(0, start - 20), start);
  return !VERSION.test(before) || HOST.test(before);
}
