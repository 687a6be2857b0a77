import type { Emitter } from '../testing/records.ts';

export type Posted = {
  readonly status: number;
  readonly retryAfter: number | undefined;
  /** Of a problem document, without its prefix. */
  readonly problem: string | undefined;
  readonly body: Readonly<Record<string, unknown>>;
};

/** Sends a batch to an ingest. @param headers in place of what an emitter would send. */
export async function post(
  url: string,
  { apiKey }: Pick<Emitter, 'apiKey'>,
  lines: readonly string[],
  headers: Readonly<Record<string, string>> = {},
): Promise<Posted> {
  const response = await fetch(url, {
    method: 'POST',
    body: lines.join('\n'),
    headers: {
      authorization: `Bearer ${apiKey}`,
      'content-type': 'application/x-ndjson',
      ...headers,
    },
  });
  const text = await response.text();
  const body = text.startsWith('{') ? JSON.parse(text) : {};
  const after = response.headers.get('retry-after');
  return {
    status: response.status,
    retryAfter: after === null ? undefined : Number(after),
    problem: body.type?.replace('urn:vantio:problem:', ''),
    body,
  };
}
