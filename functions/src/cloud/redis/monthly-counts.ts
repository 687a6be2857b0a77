import { createHash } from 'node:crypto';

export type CountRequest = {
  readonly tenantId: string;
  /** RFC 3339; its month (UTC) is the one that counts. */
  readonly receivedAt: string;
  /** RecordHashes of the batch: the same batch again is not counted again. */
  readonly hashes: readonly string[];
  readonly events: number;
  readonly monthlyLimit: number;
};

/** How many events each tenant has sent this month. */
export type MonthlyCounts = {
  /** Counts a batch, unless that would go past the limit. @returns whether it may pass. */
  readonly take: (request: CountRequest) => Promise<boolean>;
  readonly of: (tenantId: string, receivedAt: string) => Promise<number>;
};

/** The part of a Redis client that is used; commands as they go over the wire. */
export type SendCommand = (command: readonly string[]) => Promise<unknown>;

const COUNT_SECONDS = 40 * 24 * 3600;
// Emitters retry from their spool; a batch that waits there for longer is counted twice, against its tenant.
const BATCH_SECONDS = 3 * 24 * 3600;

/** One step, so that two instances cannot both take the last events. Returns 1 when the batch may pass. */
const TAKE = `
if redis.call('EXISTS', KEYS[2]) == 1 then return 1 end
local used = tonumber(redis.call('GET', KEYS[1]) or '0')
if used + tonumber(ARGV[1]) > tonumber(ARGV[2]) then return 0 end
redis.call('INCRBY', KEYS[1], ARGV[1])
redis.call('EXPIRE', KEYS[1], ARGV[3])
redis.call('SET', KEYS[2], '1', 'EX', ARGV[4])
return 1`;

// The braces keep a tenant's keys on one node of a cluster.
const countKey = (tenantId: string, receivedAt: string): string =>
  `vantio:events:{${tenantId}}:${receivedAt.slice(0, 7)}`;
const batchKey = ({ tenantId, hashes }: CountRequest): string =>
  `vantio:batch:{${tenantId}}:${createHash('sha256').update(hashes.join('')).digest('hex')}`;

export const createRedisCounts = (send: SendCommand): MonthlyCounts => ({
  take: async (request) => {
    const { tenantId, receivedAt, events, monthlyLimit } = request;
    const keys = [countKey(tenantId, receivedAt), batchKey(request)];
    const values = [events, monthlyLimit, COUNT_SECONDS, BATCH_SECONDS].map(String);
    return (await send(['EVAL', TAKE, '2', ...keys, ...values])) === 1;
  },
  of: async (tenantId, receivedAt) =>
    Number((await send(['GET', countKey(tenantId, receivedAt)])) ?? 0),
});

const MAX_REMEMBERED = 100_000;

/** In this process alone: without Redis, and while it is away. */
export function createMemoryCounts(): MonthlyCounts {
  const counts = new Map<string, number>();
  const batches = new Set<string>();
  return {
    take: async (request) => {
      const key = countKey(request.tenantId, request.receivedAt);
      const batch = batchKey(request);
      if (batches.has(batch)) return true;
      const used = (counts.get(key) ?? 0) + request.events;
      if (used > request.monthlyLimit) return false;
      forgetOldest(counts);
      forgetOldest(batches);
      counts.set(key, used);
      batches.add(batch);
      return true;
    },
    of: async (tenantId, receivedAt) => counts.get(countKey(tenantId, receivedAt)) ?? 0,
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
    of: (tenantId, receivedAt) => either((counts) => counts.of(tenantId, receivedAt)),
  };
};
