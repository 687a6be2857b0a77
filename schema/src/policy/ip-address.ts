import { URL } from 'node:url';

/** An address as one number: 32 bits of IPv4, or 128 of IPv6. */
export type IpAddress =
  | { readonly family: 4; readonly bits: number }
  | { readonly family: 6; readonly bits: bigint };

const DOTTED_QUAD =
  /^(25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)\.(25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)\.(25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)\.(25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)$/;
const IPV6 = /^[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*$/;
/** Prefixes under which the last 32 bits are an IPv4 address that the packet goes to: mapped, and RFC 6052's for NAT64. */
const EMBEDDING: ReadonlySet<bigint> = new Set([0xffffn, 0x64ff9bn << 64n]);
const LOOPBACK: IpAddress = { family: 4, bits: 0x7f000001 };

/** A literal in the standard spelling: a dotted quad, or IPv6 without brackets and zone; undefined: none. */
export function readIpAddress(text: string): IpAddress | undefined {
  const quad = DOTTED_QUAD.exec(text);
  if (quad !== null) return { family: 4, bits: quadBits(quad) };
  if (!IPV6.test(text) || !URL.canParse(`http://[${text}]`)) return undefined;
  return { family: 6, bits: bitsOfIpv6(new URL(`http://[${text}]`).hostname.slice(1, -1)) };
}

/**
 * The address that a packet to this one goes to, so that one rule holds for all spellings: IPv4 for one that embeds it, and loopback for
 * the unspecified address, which Linux connects to itself.
 */
export function effectiveAddress(address: IpAddress): IpAddress {
  const embedded = embeddedIpv4(address);
  if (embedded !== undefined) return effectiveAddress(embedded);
  if (address.family === 6) return address.bits === 0n ? { family: 6, bits: 1n } : address;
  return address.bits === 0 ? LOOPBACK : address;
}

/** The IPv4 address within an IPv6 one that stands for it; undefined: none. */
export const embeddedIpv4 = (address: IpAddress): IpAddress | undefined =>
  address.family === 6 && EMBEDDING.has(address.bits >> 32n)
    ? { family: 4, bits: Number(address.bits & 0xffffffffn) }
    : undefined;

/** Dotted quad, or IPv6 by RFC 5952. */
export function ipText(address: IpAddress): string {
  if (address.family === 4)
    return [24, 16, 8, 0].map((shift) => (address.bits >>> shift) & 255).join('.');
  const digits = address.bits.toString(16).padStart(32, '0');
  return new URL(`http://[${digits.match(/.{4}/g)?.join(':')}]`).hostname.slice(1, -1);
}

const quadBits = ([, a, b, c, d]: RegExpExecArray): number =>
  Number(a) * 0x1000000 + Number(b) * 0x10000 + Number(c) * 0x100 + Number(d);

/** @param text as the URL standard writes it: hexadecimal groups, at most one `::`. */
function bitsOfIpv6(text: string): bigint {
  const [head = '', tail] = text.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const groups = [...left, ...Array<string>(8 - left.length - right.length).fill('0'), ...right];
  return BigInt(`0x${groups.map((group) => group.padStart(4, '0')).join('')}`);
}
