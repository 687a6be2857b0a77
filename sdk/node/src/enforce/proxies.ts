import { env, now } from '../context/main-realm.ts';

type Place = { readonly host: string; readonly port: number };

const VARIABLES = [
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'ALL_PROXY',
  'http_proxy',
  'https_proxy',
  'all_proxy',
] as const;
const TUNNEL_MS = 1000;
const MAX_KNOWN = 1000;
/** Until when, in milliseconds of `now()`. */
const known = new Map<string, number>();

const keyOf = ({ host, port }: Place): string => `${host.toLowerCase()}:${port}`;

/**
 * A call through a proxy goes to its origin, and that is what is judged. What the environment names is a proxy for good;
 * a host of the program's own choice only for the connection of a tunnel that was just let through to its origin, or a
 * list of allowed hosts would allow whatever calls itself a proxy.
 */
export function learnProxies(): void {
  for (const name of VARIABLES) {
    const text = env[name];
    if (text) learn(text.includes('://') ? text : `http://${text}`, Number.POSITIVE_INFINITY);
  }
}

export function expectTunnel(through: string | URL | Place): void {
  learn(through, now() + TUNNEL_MS);
}

function learn(proxy: string | URL | Place, until: number): void {
  const place = placeOf(proxy);
  if (place === undefined) return;
  const key = keyOf(place);
  if (known.size >= MAX_KNOWN) known.clear();
  known.set(key, Math.max(until, known.get(key) ?? 0));
}

function placeOf(proxy: string | URL | Place): Place | undefined {
  if (typeof proxy === 'object' && !(proxy instanceof URL)) return proxy;
  const text = String(proxy);
  if (!URL.canParse(text)) return undefined;
  const { hostname, port, protocol } = new URL(text);
  return {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: Number(port) || (protocol === 'https:' ? 443 : 80),
  };
}

export const isProxy = (place: Place): boolean =>
  known.size > 0 && (known.get(keyOf(place)) ?? 0) > now();

export const forgetProxies = (): void => known.clear();
