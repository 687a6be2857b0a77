import { writtenHost } from '@vantio/schema/written/host';
import { requiredPort } from '@vantio/schema/written/integers';

export type HostFields = {
  readonly target_host: string;
  readonly host_source: 'request';
  readonly truncated?: true;
};
export type Target = HostFields & { readonly target_port: number };

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

export function hostFields(host: string): HostFields {
  const { text, ...cut } = writtenHost(host);
  return { target_host: text, host_source: 'request', ...cut };
}

export const targetOf = (host: string, port: number): Target => ({
  ...hostFields(host),
  target_port: requiredPort(port),
});

/** Splits `host:port` of an authority or Host header; the port is undefined when it names none. */
export function splitAuthority(authority: string): { host: string; port: number | undefined } {
  const cut = /^(.*?)(?::([0-9]{1,5}))?$/s.exec(authority.slice(authority.lastIndexOf('@') + 1));
  const bracketed = authority.startsWith('[') && !/\]:[0-9]{1,5}$/.test(authority);
  if (!cut || bracketed) return { host: authority, port: undefined };
  return { host: cut[1] ?? '', port: cut[2] === undefined ? undefined : Number(cut[2]) };
}
