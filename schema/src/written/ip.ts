import { URL } from 'node:url';

const DOTTED_QUAD = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/;
const IPV6 = /^[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*$/;
const MAPPED = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/;

/** An IP literal without zone id as a record writes it: dotted quad, for ::ffff:0:0/96 too, or RFC 5952; undefined: none. */
export function writtenIp(text: string): string | undefined {
  if (DOTTED_QUAD.test(text)) return text;
  if (!IPV6.test(text) || !URL.canParse(`http://[${text}]`)) return undefined;
  // The URL standard's form is that of RFC 5952, but for the IPv4 part, which it writes in hex.
  const ip = new URL(`http://[${text}]`).hostname.slice(1, -1);
  const [, high, low] = MAPPED.exec(ip) ?? [];
  if (high === undefined || low === undefined) return ip;
  return [high, low]
    .map((half) => Number.parseInt(half, 16))
    .flatMap((half) => [half >> 8, half & 255])
    .join('.');
}
