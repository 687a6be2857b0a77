import { HEX, is, runStart, WORD } from '../characters.ts';
import { add, type View } from '../view.ts';
import { OCTETS } from './ipv4.ts';

/** An address around the colon at `colon`. @returns where the scan goes on. */
export function ipv6(view: View, colon: number): number {
  const { text } = view;
  const start = runStart(text, colon, HEX, 5, view.free);
  let end = colon;
  while (
    end - start < 46 &&
    (is(text, end, HEX) ||
      text.charCodeAt(end) === 58 ||
      (text.charCodeAt(end) === 46 && is(text, end + 1, HEX)))
  )
    end++;
  // A colon or a dot behind an address belongs to the sentence.
  while (end > colon + 1 && text.charCodeAt(end - 1) === 58 && text.charCodeAt(end - 2) !== 58)
    end--;
  if (
    end - start < 6 ||
    colon - start > 4 ||
    is(text, start - 1, WORD) ||
    text.charCodeAt(start - 1) === 58
  )
    return end;
  if (is(text, end, WORD) || !isIpv6(text.slice(start, end))) return end;
  return add(view, 'ipv6', start, end);
}

export function isIpv6(address: string): boolean {
  const halves = address.split('::');
  if (halves.length > 2 || !/\d/.test(address)) return false;
  let groups = 0;
  for (const [index, half] of halves.entries()) {
    if (half === '') continue;
    const parts = half.split(':');
    for (const [at, part] of parts.entries()) {
      const isLast = index === halves.length - 1 && at === parts.length - 1;
      if (isLast && part.includes('.')) {
        if (!OCTETS.test(part)) return false;
        groups += 2;
      } else if (/^[0-9a-f]{1,4}$/i.test(part)) groups++;
      else return false;
    }
  }
  if (halves.length === 1) return groups === 8;
  // `a1::b2` is more often C++ than an address: a short one must start as assigned ones do.
  return (
    groups < 8 && (groups > 2 || /^(?:2\d{3}|f[cde][0-9a-f]{2}|64):|^::ffff:|\./i.test(address))
  );
}
