import { type HostForm, hostForm } from './host-form.ts';
import { embeddedIpv4, type IpAddress, readIpAddress } from './ip-address.ts';

/** What the `host` of a rule names. A port that is absent is any port. */
export type HostPattern =
  | { readonly kind: 'any'; readonly port?: number }
  | { readonly kind: 'exact'; readonly name: string; readonly port?: number }
  /** The names under it, and not the name itself. */
  | { readonly kind: 'suffix'; readonly name: string; readonly port?: number }
  | {
      readonly kind: 'range';
      readonly address: IpAddress;
      /** 0 … 32, or 0 … 128. */
      readonly prefix: number;
      readonly port?: number;
    }
  /** A Unix socket, by its path; `*` at the end: whatever begins so. */
  | { readonly kind: 'unix'; readonly path: string; readonly isPrefix: boolean };

const WITH_PORT = /^(?:\[([^\]]*)\]|([^:[\]]*))(?::([0-9]{1,5}))?$/;
const UNIX = 'unix:';

/**
 * Reads `api.example.com`, `*.example.com`, `*`, `10.0.0.0/8`, `192.0.2.1`, `[2001:db8::1]`, `2001:db8::/32`, each but the last with
 * `:PORT` if wished (IPv6 then in brackets, its prefix within), or `unix:/path`.
 * @returns undefined for anything else.
 */
export function readHostPattern(text: string): HostPattern | undefined {
  if (text.startsWith(UNIX)) return unixPattern(text.slice(UNIX.length));
  const bare = /^[^[\]]*:[^[\]]*:[^[\]]*$/.test(text) ? `[${text}]` : text;
  const [, inBrackets, plain, portText] = WITH_PORT.exec(bare) ?? [];
  const host = inBrackets ?? plain;
  if (host === undefined || host === '') return undefined;
  const port = portText === undefined ? {} : { port: Number(portText) };
  if (port.port !== undefined && (port.port < 1 || port.port > 65_535)) return undefined;
  if (host.includes('/')) return rangePattern(host, port);
  if (inBrackets !== undefined) return formPattern(hostForm(`[${host}]`), port);
  if (host === '*') return { kind: 'any', ...port };
  if (!host.startsWith('*.')) return formPattern(hostForm(host), port);
  const under = hostForm(host.slice(2));
  return under?.kind === 'name' ? { kind: 'suffix', name: under.name, ...port } : undefined;
}

function formPattern(
  form: HostForm | undefined,
  port: { readonly port?: number },
): HostPattern | undefined {
  if (form === undefined) return undefined;
  if (form.kind === 'name') return { kind: 'exact', name: form.name, ...port };
  const { address } = form;
  return { kind: 'range', address, prefix: address.family === 4 ? 32 : 128, ...port };
}

const EMBEDDED = 96;

function rangePattern(text: string, port: { readonly port?: number }): HostPattern | undefined {
  const [, literal = '', digits = ''] = /^([^/]+)\/(0|[1-9][0-9]{0,2})$/.exec(text) ?? [];
  const address = readIpAddress(literal);
  const prefix = Number(digits);
  if (digits === '' || address === undefined || prefix > (address.family === 4 ? 32 : 128))
    return undefined;
  if (hasHostBits(address, prefix)) return undefined;
  // ::ffff:10.0.0.0/104 is 10.0.0.0/8: addresses are matched as IPv4 where they are.
  const embedded = embeddedIpv4(address);
  if (embedded !== undefined && prefix >= EMBEDDED)
    return { kind: 'range', address: embedded, prefix: prefix - EMBEDDED, ...port };
  return { kind: 'range', address, prefix, ...port };
}

/** 10.0.0.1/8 is a slip: whoever wrote it meant either the range or the address. */
function hasHostBits(address: IpAddress, prefix: number): boolean {
  const bits = BigInt(address.bits);
  const hostBits = BigInt((address.family === 4 ? 32 : 128) - prefix);
  return bits !== (bits >> hostBits) << hostBits;
}

function unixPattern(path: string): HostPattern | undefined {
  if (!/^[@/*][^\0]*$/.test(path) || path.length > 256 || path.slice(0, -1).includes('*'))
    return undefined;
  const isPrefix = path.endsWith('*');
  return { kind: 'unix', path: isPrefix ? path.slice(0, -1) : path, isPrefix };
}
