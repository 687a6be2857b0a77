import { QUOTA_SECONDS, quotaKeys } from './quota-keys.ts';

export type CountRequest = {
  readonly tenantId: string;
  /** RFC 3339; its month (UTC) is the one that counts. */
  readonly receivedAt: string;
  /** RecordHashes of the batch: the same batch again is not counted again. */
  readonly hashes: readonly string[];
  readonly events: number;
  readonly monthlyLimit: number;
};

/** `counted` now; `known`: was counted when it came before; `over`: would go past the limit, and is not counted. */
export type Taken = 'counted' | 'known' | 'over';

/** How many events each tenant has sent this month. */
export type MonthlyCounts = {
  /** Counts a batch, unless that would go past the limit. */
  readonly take: (request: CountRequest) => Promise<Taken>;
  /** Undoes a `take` that counted, for a batch that went nowhere. */
  readonly giveBack: (request: CountRequest) => Promise<void>;
  readonly of: (tenantId: string, receivedAt: string) => Promise<number>;
};

/** The part of a Redis client that is used; commands as they go over the wire. */
export type SendCommand = (command: readonly string[]) => Promise<unknown>;

/** One step, so that two instances cannot both take the last events. */
const TAKE = `
if redis.call('EXISTS', KEYS[2]) == 1 then return 'known' end
local used = tonumber(redis.call('GET', KEYS[1]) or '0')
if used + tonumber(ARGV[1]) > tonumber(ARGV[2]) then return 'over' end
redis.call('INCRBY', KEYS[1], ARGV[1])
redis.call('EXPIRE', KEYS[1], ARGV[3])
redis.call('SET', KEYS[2], '1', 'EX', ARGV[4])
redis.call('HSET', KEYS[3], ARGV[5], ARGV[6])
redis.call('EXPIRE', KEYS[3], ARGV[3])
return 'counted'`;

/** What is no longer pending is in the ledger: that stays counted. */
const GIVE_BACK = `
if redis.call('HDEL', KEYS[3], ARGV[2]) == 0 then return end
redis.call('DECRBY', KEYS[1], ARGV[1])
redis.call('DEL', KEYS[2])`;

export function createRedisCounts(send: SendCommand): MonthlyCounts {
  const evaluate = (
    script: string,
    request: CountRequest,
    values: (digest: string) => readonly (string | number)[],
  ): Promise<unknown> => {
    const { count, batch, pending, digest } = quotaKeys(request);
    return send(['EVAL', script, '3', count, batch, pending, ...values(digest).map(String)]);
  };
  return {
    take: async (request) => {
      const { events, monthlyLimit, receivedAt, hashes } = request;
      // For the reconciliation: when it was taken, and a record by which it is found in the ledger.
      const entry = `${events} ${Date.parse(receivedAt)} ${hashes.at(-1)}`;
      const { count, batch } = QUOTA_SECONDS;
      const values = (digest: string) => [events, monthlyLimit, count, batch, digest, entry];
      return String(await evaluate(TAKE, request, values)) as Taken;
    },
    giveBack: async (request) => {
      await evaluate(GIVE_BACK, request, (digest) => [request.events, digest]);
    },
    of: async (tenantId, receivedAt) =>
      Number((await send(['GET', quotaKeys({ tenantId, receivedAt, hashes: [] }).count])) ?? 0),
  };
}

const MAX_REMEMBERED = 100_000;

/** In this process alone: without Redis, and while it is away. */
export function createMemoryCounts(): MonthlyCounts {
  const counts = new Map<string, number>();
  const batches = new Set<string>();
  return {
    take: async (request) => {
      const { count, batch } = quotaKeys(request);
      if (batches.has(batch)) return 'known';
      const used = (counts.get(count) ?? 0) + request.events;
      if (used > request.monthlyLimit) return 'over';
      forgetOldest(counts);
      forgetOldest(batches);
      counts.set(count, used);
      batches.add(batch);
      return 'counted';
    },
    giveBack: async (request) => {
      const { count, batch } = quotaKeys(request);
      if (batches.delete(batch)) counts.set(count, (counts.get(count) ?? 0) - request.events);
    },
    of: async (tenantId, receivedAt) =>
      counts.get(quotaKeys({ tenantId, receivedAt, hashes: [] }).count) ?? 0,
  };
}

function forgetOldest(entries: Map<string, number> | Set<string>): void {
  if (entries.size < MAX_REMEMBERED) return;
  const [oldest] = entries.keys();
  if (oldest !== undefined) entries.delete(oldest);
}

/** Redis first; while it does not answer, this process's own counts, and somebody is told. */
export const createCountsWithFallback = (
  first: MonthlyCounts,
  second: MonthlyCounts,
  onFallback: (error: unknown) => void,
): MonthlyCounts => {
  const either = async <T>(ask: (counts: MonthlyCounts) => Promise<T>): Promise<T> => {
    try {
      return await ask(first);
    } catch (error) {
      onFallback(error);
      return ask(second);
    }
  };
  return {
    take: (request) => either((counts) => counts.take(request)),
    giveBack: (request) => either((counts) => counts.giveBack(request)),
    of: (tenantId, receivedAt) => either((counts) => counts.of(tenantId, receivedAt)),
  };
};
