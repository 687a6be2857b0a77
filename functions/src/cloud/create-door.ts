import type { HttpFunction } from '@google-cloud/functions-framework';
import { DEFAULT_REQUESTS_PER_MINUTE } from '@vantio/schema/wire/limits';
import { createDoorkeeper, type Doorkeeper } from '../door/doorkeeper.ts';
import { refuse, sendRefusal } from '../door/problem-response.ts';
import { createRateLimiter, type RateLimiter } from '../door/rate-limit.ts';
import type { NoteRefusal } from '../door/refusal-notes.ts';
import { atEnd } from './drain/at-end.ts';
import { publicKeysSetting, setting } from './environment.ts';
import { log, logFault } from './log.ts';
import { measure } from './metrics/measure.ts';
import { connectRedis } from './redis/connect.ts';
import {
  createCountsWithFallback,
  createMemoryCounts,
  createRedisCounts,
  type MonthlyCounts,
} from './redis/monthly-counts.ts';
import { createSharedRateStore } from './redis/shared-rate-store.ts';
import { createCloudRevocations } from './secrets/cloud-revocations.ts';
import { createReadNewest } from './secrets/read-newest.ts';

export type CloudDoor = {
  readonly doorkeeper: Doorkeeper;
  readonly createRateLimiter: (noteRefusal: NoteRefusal) => RateLimiter;
  readonly counts: MonthlyCounts;
  /** Puts in front of a handler what must be fresh before the door is asked, and what the cloud refuses. */
  readonly behind: (handler: HttpFunction) => HttpFunction;
};

export type DoorOptions = {
  readonly requestsPerMinute?: number;
  /** What is counted apart from requests to ingest and config. */
  readonly counted?: string;
};

/** The door of the public functions, from the environment: keys, revocations, rate, quota. No database is behind it. */
export async function createDoor({
  requestsPerMinute = DEFAULT_REQUESTS_PER_MINUTE,
  counted = '',
}: DoorOptions = {}): Promise<CloudDoor> {
  const signers = publicKeysSetting('VANTIO_KEY_SIGNERS');
  const { refresh, revocations } = createCloudRevocations({
    readSecret: createReadNewest({ name: setting('VANTIO_REVOCATIONS_SECRET') }),
    signers,
    onFault: logFault,
  });
  const own = createMemoryCounts();
  const redisUrl = process.env.REDIS_URL;
  const redis = redisUrl ? await connectRedis(redisUrl, onRedisFault) : undefined;
  if (redis) atEnd('the Redis client', redis.close);
  const { RedisStore } = await import('rate-limit-redis');
  const rateStore = redis
    ? createSharedRateStore({
        shared: new RedisStore({
          prefix: `vantio:rate:${counted}`,
          sendCommand: (...command) => redis.send(command) as ReturnType<RedisReply>,
        }),
        requestsPerMinute,
        onFallback: onRedisFault,
      })
    : undefined;
  return {
    doorkeeper: createDoorkeeper({ signers, revocations }),
    createRateLimiter: (note) => createRateLimiter(requestsPerMinute, note, rateStore),
    counts: redis
      ? createCountsWithFallback(createRedisCounts(redis.send), own, onRedisFault)
      : own,
    behind: (handler) => async (request, response) => {
      // The framework has undone the coding by now; the load balancer refuses it before that.
      if (request.headers['content-encoding'] !== undefined)
        return sendRefusal(
          response,
          refuse('unsupported_encoding', 'send the body as it is, without Content-Encoding'),
        );
      await refresh();
      return handler(request, response);
    },
  };
}

type RedisReply = import('rate-limit-redis').SendCommandFn;

/** Limits are each instance's own while this goes on. */
const onRedisFault = (error: unknown): void => {
  measure('vantio.redis.away', 1, {});
  const { code } = (error ?? {}) as { readonly code?: unknown };
  log('WARNING', 'redis_away', typeof code === 'string' ? { code } : {});
};
