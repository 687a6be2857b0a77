import type { HostPattern } from './host-pattern.ts';
import { type IpAddress, readIpAddress } from './ip-address.ts';

type Network = { readonly address: IpAddress; readonly prefix: number };

const network = (text: string, prefix: number): Network => {
  const address = readIpAddress(text);
  if (address === undefined) throw new TypeError(`${text} is no address`);
  return { address, prefix };
};

/** RFC 1918, RFC 4193, and link-local of RFC 3927 and RFC 4291. */
const PRIVATE = [
  network('10.0.0.0', 8),
  network('172.16.0.0', 12),
  network('192.168.0.0', 16),
  network('169.254.0.0', 16),
  network('fc00::', 7),
  network('fe80::', 10),
];
const LOOPBACK = [network('127.0.0.0', 8), network('::1', 128)];
/** Amazon, Google, Azure and Oracle; Amazon's for containers and by IPv6; Google's by IPv6; Alibaba. */
const METADATA = [
  network('169.254.169.254', 32),
  network('169.254.170.2', 32),
  network('169.254.170.23', 32),
  network('fd00:ec2::254', 128),
  network('fd00:ec2::23', 128),
  network('fd20:ce::254', 128),
  network('100.100.100.200', 32),
];

export const isPrivate = (address: IpAddress): boolean => isWithin(address, PRIVATE);
export const isLoopback = (address: IpAddress): boolean => isWithin(address, LOOPBACK);
export const isMetadata = (address: IpAddress): boolean => isWithin(address, METADATA);

/** Whether a rule means private addresses: 10.1.0.0/16 does, 0.0.0.0/0 and * do not. A name means whatever it resolves to. */
export function namesPrivate(pattern: HostPattern): boolean {
  if (pattern.kind === 'range')
    return PRIVATE.some((each) => pattern.prefix >= each.prefix && holds(each, pattern.address));
  return pattern.kind === 'exact' || pattern.kind === 'suffix';
}

/** Whether a rule means one address or one name, and no more. */
export const namesOne = (pattern: HostPattern): boolean =>
  pattern.kind === 'exact' ||
  (pattern.kind === 'range' && pattern.prefix === (pattern.address.family === 4 ? 32 : 128));

const isWithin = (address: IpAddress, networks: readonly Network[]): boolean =>
  networks.some((each) => holds(each, address));

function holds({ address: own, prefix }: Network, address: IpAddress): boolean {
  if (own.family !== address.family) return false;
  const rest = BigInt((own.family === 4 ? 32 : 128) - prefix);
  return BigInt(own.bits) >> rest === BigInt(address.bits) >> rest;
}
