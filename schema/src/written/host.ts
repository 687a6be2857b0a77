import { URL } from 'node:url';
import { escaped, fit, lowerAscii, type Written } from './fit.ts';
import { writtenIp } from './ip.ts';

const MAX_HOST = 253;
/** What most programs ask for, and what stays as it is: a name in lower case that cannot be an address. */
const USUAL = /^(?=.*[g-z])[a-z0-9._-]{0,252}[a-z0-9_-]$/;
const PLAIN = /^[a-z0-9._:%-]$/;
const ASCII = /^[\0-\x7f]*$/;
// Forbidden domain code points of the URL standard; its parser would take some of them for the end of the host.
const FORBIDDEN = /[\0- #%/:<>?@[\\\]^|\x7f]/;

/** `target_host` or `proxy_host` of a host as a program asked for it: any string may come. */
export function writtenHost(raw: string): Written {
  if (USUAL.test(raw)) return { text: raw };
  const host = raw.startsWith('[') && raw.endsWith(']') ? raw.slice(1, -1) : raw;
  const ip = writtenIp(host);
  if (ip !== undefined) return { text: ip };
  const text = lowerAscii(zoned(host) ?? asciiName(host)).replace(/\.$/, '');
  return fit(escaped(Buffer.from(text === '' ? 'localhost' : text), PLAIN, '%'), MAX_HOST);
}

/** An address with a zone id (RFC 4007), which keeps its percent sign. */
function zoned(host: string): string | undefined {
  const cut = host.indexOf('%');
  const ip = cut === -1 ? undefined : writtenIp(host.slice(0, cut));
  return ip === undefined ? undefined : ip + host.slice(cut);
}

function asciiName(host: string): string {
  if (ASCII.test(host) || FORBIDDEN.test(host)) return host;
  return URL.canParse(`http://${host}`) ? new URL(`http://${host}`).hostname : host;
}
