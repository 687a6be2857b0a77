import {
  type ClientRateLimitInfo,
  type IncrementResponse,
  MemoryStore,
  type Options,
  type Store,
} from 'express-rate-limit';

export type SharedRateStoreOptions = {
  /** Counts for all instances. */
  readonly shared: Store;
  readonly requestsPerMinute: number;
  /** The shared store did not answer; this instance's own count decided. */
  readonly onFallback: (error: unknown) => void;
  readonly now?: () => number;
};

const MAX_DENIALS = 10_000;

/**
 * A count that all instances share, with this instance's memory in front of it for denials alone: whoever is past the limit
 * costs no further call until the window ends. If the shared count is away, each instance counts for itself.
 */
export function createSharedRateStore(options: SharedRateStoreOptions): Store {
  const { shared, requestsPerMinute, onFallback, now = Date.now } = options;
  const own = new MemoryStore();
  const denials = new Map<string, Date>();
  let limits: Options | undefined;
  let ready: Promise<void> | undefined;

  /** With the first count, and with each further one until it worked: the shared store loads a script into Redis. */
  const setUp = (): Promise<void> => {
    ready ??= (async () => {
      if (limits) await shared.init?.(limits);
    })().catch((error: unknown) => {
      ready = undefined;
      throw error;
    });
    return ready;
  };

  const increment = async (key: string): Promise<IncrementResponse> => {
    const until = denials.get(key);
    if (until !== undefined && until.getTime() > now())
      return { totalHits: requestsPerMinute + 1, resetTime: until };
    denials.delete(key);
    let info: ClientRateLimitInfo;
    try {
      await setUp();
      info = await shared.increment(key);
    } catch (error) {
      onFallback(error);
      return own.increment(key);
    }
    if (info.totalHits > requestsPerMinute && info.resetTime) {
      denials.set(key, info.resetTime);
      const [oldest] = denials.keys();
      if (denials.size > MAX_DENIALS && oldest !== undefined) denials.delete(oldest);
    }
    return info;
  };

  return {
    init: (options: Options) => {
      // Nobody awaits this: were the shared store set up here, a Redis that is away would end the process.
      limits = options;
      own.init(options);
    },
    increment,
    decrement: (key) => shared.decrement(key),
    resetKey: async (key) => {
      denials.delete(key);
      await Promise.all([shared.resetKey(key), own.resetKey(key)]);
    },
    shutdown: () => own.shutdown(),
  };
}
