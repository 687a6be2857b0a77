import { type HostFields, hostFields } from '../record/host.ts';

export type Target = HostFields & { readonly target_port: number; readonly host_source: 'request' };

const DEFAULT_PORTS: Readonly<Record<string, number>> = { 'http:': 80, 'https:': 443 };
const MAX_CACHED = 256;
const cache = new Map<string, Target>();

export const defaultPort = (protocol: string | undefined): number =>
  DEFAULT_PORTS[protocol ?? ''] ?? 0;

/** Target of an origin such as `https://api.example.com:8443`. */
export function targetOfOrigin(origin: string): Target {
  const known = cache.get(origin);
  if (known) return known;
  const target = parse(origin);
  if (cache.size >= MAX_CACHED) cache.clear();
  cache.set(origin, target);
  return target;
}

function parse(origin: string): Target {
  const { hostname, port, protocol } = new URL(origin);
  return targetOf(hostname, port === '' ? defaultPort(protocol) : Number(port));
}

export const targetOf = (host: string, port: number): Target => ({
  ...hostFields(host),
  target_port: Number.isInteger(port) && port >= 0 && port <= 65_535 ? port : 0,
  host_source: 'request',
});

/** Splits `host:port` of an authority or Host header; the port is undefined when it names none. */
export function splitAuthority(authority: string): { host: string; port: number | undefined } {
  const cut = /^(.*?)(?::([0-9]{1,5}))?$/s.exec(authority.slice(authority.lastIndexOf('@') + 1));
  const bracketed = authority.startsWith('[') && !/\]:[0-9]{1,5}$/.test(authority);
  if (!cut || bracketed) return { host: authority, port: undefined };
  return { host: cut[1] ?? '', port: cut[2] === undefined ? undefined : Number(cut[2]) };
}
