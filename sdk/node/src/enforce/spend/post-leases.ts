import type * as http from 'node:http';
import type { SpendAnswer, SpendRequest } from '@vantio/schema/wire/spend-leases';
import { cancel, later } from '../../context/main-realm.ts';
import { EXEMPT, storage } from '../../context/span.ts';
import { createDoor } from '../../emit/door.ts';

export type Posted = Pick<SpendRequest, 'reports' | 'asks'>;
/** @returns undefined when no answer came, or none that can be read. It never rejects, and never keeps the process running. */
export type PostLeases = (what: Posted) => Promise<SpendAnswer | undefined>;

const TIMEOUT_MS = 2000;
const MAX_BYTES = 256 * 1024;

/** @param sessionId of the session that will tell of what the leases are spent on */
export function createPostLeases(
  url: URL,
  apiKey: string,
  sessionId: () => string | undefined,
): PostLeases {
  const door = createDoor(url, 'POST');
  return (what) =>
    storage.run(EXEMPT, async () => {
      try {
        const body = Buffer.from(JSON.stringify({ v: 1, session_id: sessionId(), ...what }));
        const request = await door({
          authorization: `Bearer ${apiKey}`,
          'content-type': 'application/json',
          'content-length': body.length,
        });
        return await answerOf(request, body);
      } catch {
        return undefined;
      }
    });
}

function answerOf(request: http.ClientRequest, body: Buffer): Promise<SpendAnswer | undefined> {
  return new Promise((resolve) => {
    const done = (answer: SpendAnswer | undefined): void => {
      cancel(timer);
      resolve(answer);
    };
    const fail = (): void => {
      done(undefined);
      request.destroy();
    };
    const timer = later(fail, TIMEOUT_MS);
    timer.unref();
    request.on('socket', (socket) => socket.unref());
    request.on('error', fail);
    request.on('response', (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      response.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size > MAX_BYTES) fail();
        else chunks.push(chunk);
      });
      response.on('error', fail);
      response.on('aborted', fail);
      response.on('end', () =>
        done(response.statusCode === 200 ? read(Buffer.concat(chunks)) : undefined),
      );
    });
    request.end(body);
  });
}

/** Whatever stands at the URL may not be ours. */
function read(body: Buffer): SpendAnswer | undefined {
  try {
    const answer = JSON.parse(body.toString('utf8')) as SpendAnswer;
    return Array.isArray(answer.leases) && answer.leases.every(isOutcome) ? answer : undefined;
  } catch {
    return undefined;
  }
}

function isOutcome(outcome: unknown): boolean {
  if (typeof outcome !== 'object' || outcome === null) return false;
  const said = outcome as Readonly<Record<string, unknown>>;
  const numbers = (...names: readonly string[]): boolean =>
    names.every((name) => Number.isSafeInteger(said[name]) && (said[name] as number) >= 0);
  switch (said.status) {
    case 'granted':
      return (
        typeof said.bucket === 'string' &&
        numbers('amount_microusd', 'expires_in_ms', 'used_microusd')
      );
    case 'used_up':
      return numbers('retry_in_ms', 'used_microusd', 'outstanding_microusd');
    default:
      return said.status === 'unknown_rule';
  }
}
