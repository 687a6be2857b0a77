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
  let prepared: Promise<void> | undefined;

  /** The Redis store loads its scripts, and would never again do so if Redis was away when it first tried. */
  const prepare = (): Promise<void> => {
    prepared ??= Promise.resolve(limits && shared.init?.(limits)).catch((error: unknown) => {
      prepared = undefined;
      throw error;
    });
    return prepared;
  };

  const increment = async (key: string): Promise<IncrementResponse> => {
    const until = denials.get(key);
    if (until !== undefined && until.getTime() > now())
      return { totalHits: requestsPerMinute + 1, resetTime: until };
    denials.delete(key);
    let info: ClientRateLimitInfo;
    try {
      await prepare();
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
