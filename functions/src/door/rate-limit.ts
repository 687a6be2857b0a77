import type { Request, Response } from '@google-cloud/functions-framework';
import { rateLimit, type Store } from 'express-rate-limit';
import type { Caller } from './doorkeeper.ts';
import { refuse, sendRefusal } from './problem-response.ts';
import type { NoteRefusal } from './refusal-notes.ts';

/** @returns whether the request may go on; if not, it has been answered. */
export type RateLimiter = (
  request: Request,
  response: Response,
  caller: Caller,
) => Promise<boolean>;

const WINDOW_SECONDS = 60;

/**
 * So many requests a minute for each API key, counted in fixed windows, with the `RateLimit-*` headers of
 * draft-ietf-httpapi-ratelimit-headers-06. A fixed window lets twice the limit through at its seam.
 * @param store where the counts are; absent: in this process's memory.
 */
export function createRateLimiter(
  requestsPerMinute: number,
  noteRefusal: NoteRefusal,
  store?: Store,
): RateLimiter {
  const callers = new WeakMap<object, Caller>();
  const limiter = rateLimit({
    windowMs: WINDOW_SECONDS * 1000,
    limit: requestsPerMinute,
    ...(store === undefined ? {} : { store }),
    standardHeaders: 'draft-6',
    legacyHeaders: false,
    keyGenerator: (request) => callers.get(request)?.claims.keyId ?? '',
    handler: (request, response) => {
      sendRefusal(
        response,
        refuse(
          'rate_limited',
          `at most ${requestsPerMinute} requests a minute under one API key; retry after the seconds in Retry-After, and send larger batches`,
        ),
      );
      const caller = callers.get(request);
      if (caller) noteRefusal({ kind: 'rate', caller });
    },
    // Its checks are about client addresses behind proxies; the key here is the API key's id.
    validate: false,
  });
  return async (request, response, caller) => {
    callers.set(request, caller);
    let passed = false;
    await limiter(request, response, (error?: unknown) => {
      if (error) throw error;
      passed = true;
    });
    return passed;
  };
}
