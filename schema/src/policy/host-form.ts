import { URL } from 'node:url';
import { effectiveAddress, type IpAddress, readIpAddress } from './ip-address.ts';

/** A host as rules are matched against it. */
export type HostForm =
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'address'; readonly address: IpAddress };

/** What most programs ask for: a name in lower case that cannot be an address, for its last label begins with a letter past f. */
const USUAL = /^(?:[a-z0-9_-]+\.)*[g-z][a-z0-9_-]*$/;
const ASCII_NAME = /^[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*\.?$/;
const NUMBER_LAST = /(?:^|\.)(?:[0-9]+|0[Xx][0-9A-Fa-f]*)\.?$/;
// Forbidden domain code points of the URL standard; its parser would take some of them for the end of the host.
const FORBIDDEN = /[\0- #%/:<>?@[\\\]^|\x7f]/;
const LONGEST = 1024;

/**
 * The one form of a host that a program asked for, whatever its spelling: case, a trailing dot, Unicode (UTS #46), brackets, a zone
 * id, and addresses as inet_aton(3) and the URL standard take them (`0x7f.1`, `017700000001`, `::ffff:7f00:1`). Any string may come.
 * @returns undefined for what is no host: nothing resolves it.
 */
export function hostForm(raw: string): HostForm | undefined {
  if (last === undefined || last.raw !== raw) last = { raw, form: formOf(raw) };
  return last.form;
}

/** Most programs ask for the host that they asked for before. */
let last: { readonly raw: string; readonly form: HostForm | undefined } | undefined;

function formOf(raw: string): HostForm | undefined {
  if (USUAL.test(raw) && raw.length <= 253) return { kind: 'name', name: raw };
  if (raw === '') return { kind: 'name', name: 'localhost' };
  if (raw.length > LONGEST) return undefined;
  if (raw.includes(':')) return addressForm(literalOf(raw));
  if (isAscii(raw)) return asciiForm(raw);
  const host = FORBIDDEN.test(raw) ? undefined : asUrlHost(raw);
  return host === undefined ? undefined : asciiForm(host);
}

function asciiForm(raw: string): HostForm | undefined {
  if (!ASCII_NAME.test(raw)) return undefined;
  return NUMBER_LAST.test(raw) ? addressForm(raw) : nameForm(raw.toLowerCase());
}

/** Without brackets, and without the zone id of RFC 4007, which says where to send, not to whom. */
function literalOf(raw: string): string {
  const inner = raw.startsWith('[') && raw.endsWith(']') ? raw.slice(1, -1) : raw;
  const zone = inner.indexOf('%');
  return zone === -1 ? inner : inner.slice(0, zone);
}

function addressForm(text: string): HostForm | undefined {
  const written = readIpAddress(text) ?? readIpAddress(asUrlHost(text) ?? '');
  return written === undefined
    ? undefined
    : { kind: 'address', address: effectiveAddress(written) };
}

function nameForm(host: string): HostForm | undefined {
  const name = host.endsWith('.') ? host.slice(0, -1) : host;
  return name === '' || name.length > 253 ? undefined : { kind: 'name', name };
}

const asUrlHost = (text: string): string | undefined =>
  URL.canParse(`http://${text}`) ? new URL(`http://${text}`).hostname : undefined;

const isAscii = (text: string): boolean => /^[\0-\x7f]*$/.test(text);
