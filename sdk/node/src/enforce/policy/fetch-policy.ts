import type * as http from 'node:http';
import { cancel, dateNow, later } from '../../context/main-realm.ts';
import { EXEMPT, storage } from '../../context/span.ts';
import { retryAfter } from '../../emit/backoff.ts';
import { createDoor } from '../../emit/door.ts';

export type Fetched =
  /** An envelope as it was served. */
  | { readonly kind: 'policy'; readonly text: string; readonly etag: string | undefined }
  | { readonly kind: 'unchanged' }
  /** @param reason `none`: the control plane has no policy for this key. */
  | {
      readonly kind: 'failed';
      readonly reason: 'none' | 'network' | 'timeout' | 'too_large' | 'refused' | 'garbage';
    }
  /** It has too much to do, and says when to come again. */
  | { readonly kind: 'failed'; readonly reason: 'overloaded'; readonly afterMs: number };

export type FetchPolicy = (etag: string | undefined) => Promise<Fetched>;

const TIMEOUT_MS = 5000;

/** Asks for the policy of a key. It never rejects, keeps no more than `maxBytes`, and never keeps the process running. */
export function createFetchPolicy(url: URL, apiKey: string, maxBytes: number): FetchPolicy {
  const door = createDoor(url, 'GET');
  return (etag) =>
    storage.run(EXEMPT, async (): Promise<Fetched> => {
      try {
        const request = await door({
          authorization: `Bearer ${apiKey}`,
          accept: 'application/json',
          ...(etag === undefined ? {} : { 'if-none-match': etag }),
        });
        return await answerOf(request, maxBytes);
      } catch {
        return { kind: 'failed', reason: 'network' };
      }
    });
}

function answerOf(request: http.ClientRequest, maxBytes: number): Promise<Fetched> {
  return new Promise((resolve) => {
    const done = (outcome: Fetched): void => {
      cancel(timer);
      resolve(outcome);
    };
    const fail = (reason: 'network' | 'timeout' | 'too_large') => (): void => {
      done({ kind: 'failed', reason });
      request.destroy();
    };
    const timer = later(fail('timeout'), TIMEOUT_MS);
    timer.unref();
    request.on('socket', (socket) => socket.unref());
    request.on('error', fail('network'));
    request.on('response', (response) => {
      const { statusCode = 0, headers } = response;
      const chunks: Buffer[] = [];
      let size = 0;
      response.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size > maxBytes) fail('too_large')();
        else chunks.push(chunk);
      });
      response.on('error', fail('network'));
      response.on('aborted', fail('network'));
      response.on('end', () => done(read(statusCode, headers, Buffer.concat(chunks))));
    });
    request.end();
  });
}

/** Whatever stands at the URL may not be ours. */
function read(status: number, headers: http.IncomingHttpHeaders, body: Buffer): Fetched {
  if (status === 304) return { kind: 'unchanged' };
  if (status === 429 || status === 503) {
    const afterMs = retryAfter(headers['retry-after'], dateNow());
    return { kind: 'failed', reason: 'overloaded', afterMs };
  }
  if (status === 404 || status === 204) return { kind: 'failed', reason: 'none' };
  if (status !== 200) return { kind: 'failed', reason: 'refused' };
  const text = body.toString('utf8');
  const envelope = envelopeIn(text);
  return envelope === undefined || envelope === 'none'
    ? { kind: 'failed', reason: envelope ?? 'garbage' }
    : { kind: 'policy', text: envelope, etag: headers.etag };
}

/** The envelope stands alone, or as text in the `policy` member of what the key may know of its tenant. */
function envelopeIn(text: string): string | 'none' | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { policy, mode } = value as { readonly policy?: unknown; readonly mode?: unknown };
  if (typeof policy === 'string') return policy;
  if (typeof policy === 'object' && policy !== null) return text;
  return mode === 'observe' ? 'none' : undefined;
}
