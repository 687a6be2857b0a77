import { debug } from '../context/debug.ts';
import { env } from '../context/main-realm.ts';

export type HttpProxy = {
  readonly secure: boolean;
  readonly host: string;
  readonly port: number;
  /** HttpProxy-Authorization, when the proxy's URL names a user. */
  readonly headers: Readonly<Record<string, string>>;
};

const read = (name: string): string | undefined =>
  env[name.toLowerCase()] || env[name] || undefined;

/** The proxy that HTTP_PROXY, HTTPS_PROXY and NO_PROXY ask for, in either case of letters. */
export function proxyFor(url: URL): HttpProxy | undefined {
  const text = read(url.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY');
  if (!text || isExcepted(url, read('NO_PROXY') ?? '')) return undefined;
  const full = text.includes('://') ? text : `http://${text}`;
  if (!URL.canParse(full)) {
    debug('the proxy of the environment is not a URL and was ignored');
    return undefined;
  }
  const { protocol, hostname, port, username, password } = new URL(full);
  const secure = protocol === 'https:';
  const user = Buffer.concat([unescaped(username), Buffer.from(':'), unescaped(password)]);
  return {
    secure,
    host: hostname.replace(/^\[|\]$/g, ''),
    port: Number(port || (secure ? 443 : 80)),
    headers: username === '' ? {} : { 'proxy-authorization': `Basic ${user.toString('base64')}` },
  };
}

/** A lone percent sign stands for itself, as in a password that nobody escaped; `decodeURIComponent` would throw. */
const unescaped = (text: string): Buffer =>
  Buffer.from(
    text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    ),
    'latin1',
  );

/** Comma or space separated: `*`, a host, or a suffix with or without a leading dot; each may name a port. */
function isExcepted({ hostname, port, protocol }: URL, list: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '');
  const ownPort = port || (protocol === 'https:' ? '443' : '80');
  return list.split(/[\s,]+/).some((entry) => {
    if (entry === '*') return true;
    const [, name = '', onPort] = /^\[?(.+?)\]?(?::([0-9]+))?$/.exec(entry.toLowerCase()) ?? [];
    if (name === '' || (onPort !== undefined && onPort !== ownPort)) return false;
    const suffix = name.replace(/^\*?\./, '');
    return host === suffix || host.endsWith(`.${suffix}`);
  });
}
