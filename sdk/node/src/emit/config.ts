import { env } from '../context/main-realm.ts';

export type Config = {
  readonly apiKey: string;
  readonly sink:
    | { readonly kind: 'http'; readonly url: URL; readonly spoolDir: string | undefined }
    | { readonly kind: 'file'; readonly path: string };
  /** PEM file of a customer-held key that certifies the session key. */
  readonly rootKeyFile: string | undefined;
};

const KEY = /^vk1\.[\x21-\x7e]{1,512}$/;
const LOCAL_URL = 'http://127.0.0.1:8787';

/** @returns what the environment asks for, or why nothing can be recorded. */
export function readConfig(): Config | string {
  const apiKey = env.VANTIO_API_KEY;
  const fault = keyFault(apiKey);
  if (fault !== undefined || !apiKey) return fault ?? '';
  const rootKeyFile = env.VANTIO_SESSION_ROOT || undefined;
  const path = env.VANTIO_OUTPUT_FILE;
  if (path) return { apiKey, rootKeyFile, sink: { kind: 'file', path } };
  const url = controlPlaneUrl('ingest');
  if (typeof url === 'string') return url;
  const spoolDir = env.VANTIO_SPOOL_DIR || undefined;
  return { apiKey, rootKeyFile, sink: { kind: 'http', url, spoolDir } };
}

export function keyFault(apiKey: string | undefined): string | undefined {
  if (!apiKey) return 'VANTIO_API_KEY is not set';
  return KEY.test(apiKey) ? undefined : 'VANTIO_API_KEY is not an API key (vk1.…)';
}

/** @returns where an endpoint of the control plane is, or what is wrong with the environment. */
export function controlPlaneUrl(endpoint: 'ingest' | 'config'): URL | string {
  const text = env.VANTIO_INGEST_URL;
  const mode = env.SOVEREIGN_MODE || 'local';
  if (mode !== 'local' && mode !== 'cloud') return 'SOVEREIGN_MODE is neither local nor cloud';
  if (!text && mode === 'cloud') return 'SOVEREIGN_MODE=cloud needs VANTIO_INGEST_URL';
  const base = text || LOCAL_URL;
  if (!URL.canParse(base)) return 'VANTIO_INGEST_URL is not a URL';
  const url = new URL(base);
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    return 'VANTIO_INGEST_URL is neither http: nor https:';
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/api/v1/${endpoint}`;
  return url;
}
