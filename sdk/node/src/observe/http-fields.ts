import type { Detail } from '../record/observation.ts';

type Method = NonNullable<Detail['http_method']>;
const METHODS = new Set<string>([
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
  'CONNECT',
  'TRACE',
]);

export const methodOf = (method: unknown): Method =>
  typeof method === 'string' && METHODS.has(method) ? (method as Method) : 'OTHER';

/** RFC 9110 section 6.4.1: what never has a body whatever its Content-Length says. */
export const hasNoBody = (method: unknown, status: number): boolean =>
  method === 'HEAD' || status === 204 || status === 304 || status < 200;

export const byteCount = (text: unknown): number | undefined => {
  const count = typeof text === 'string' && /^[0-9]{1,15}$/.test(text) ? Number(text) : text;
  return typeof count === 'number' && Number.isSafeInteger(count) && count >= 0 ? count : undefined;
};

/** Content-Length in a flat list of names and values, as strings or as bytes; other values are not looked at. */
export function contentLength(headers: readonly unknown[]): number | undefined {
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] as string | Uint8Array | undefined;
    if (name?.length !== 14) continue;
    if (latin1(name).toLowerCase() === 'content-length') return byteCount(latin1(headers[i + 1]));
  }
  return undefined;
}

const latin1 = (value: unknown): string =>
  typeof value === 'string' ? value : Buffer.isBuffer(value) ? value.toString('latin1') : '';

export const durationOf = (from: number, to: number): number =>
  Math.max(0, Math.round((to - from) * 1000));
