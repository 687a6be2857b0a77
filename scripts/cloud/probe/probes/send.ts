import type { Subject } from '../subject.ts';

const TIMEOUT_MILLIS = 30_000;

/** Posts to ingest with the throw-away key. @returns why nothing answered, instead of throwing. */
export async function send(
  { url, apiKey }: Pick<Subject, 'url' | 'apiKey'>,
  body: string,
): Promise<Response | string> {
  return request(`${url}/api/v1/ingest`, {
    method: 'POST',
    body,
    headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/x-ndjson' },
  });
}

/** Asks config, which is behind the same limit. */
export const askConfig = ({ url, apiKey }: Pick<Subject, 'url' | 'apiKey'>) =>
  request(`${url}/api/v1/config`, { headers: { authorization: `Bearer ${apiKey}` } });

async function request(url: string, init: RequestInit): Promise<Response | string> {
  try {
    return await fetch(url, {
      ...init,
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MILLIS),
    });
  } catch (error) {
    const { cause, message } = error as { readonly cause?: unknown; readonly message: string };
    const { code } = (cause ?? {}) as { readonly code?: string };
    return `nothing answered (${code ?? message})`;
  }
}
