export type Place = { readonly host: string; readonly port: number };

const MAX_CACHED = 256;
const cache = new Map<string, Place | undefined>();

/** Where requests of an origin go to; undefined for what is none. */
export function placeOfOrigin(origin: string | URL | undefined): Place | undefined {
  if (origin === undefined) return undefined;
  const text = String(origin);
  const known = cache.get(text);
  if (known !== undefined) return known;
  const place = parse(text);
  if (cache.size >= MAX_CACHED) cache.clear();
  cache.set(text, place);
  return place;
}

function parse(origin: string): Place | undefined {
  if (!URL.canParse(origin)) return undefined;
  const { hostname, port, protocol } = new URL(origin);
  return {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: Number(port) || (protocol === 'https:' || protocol === 'wss:' ? 443 : 80),
  };
}
