import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, test } from 'node:test';
import { MemoryStore, type Options, type Store } from 'express-rate-limit';
import { RedisStore } from 'rate-limit-redis';
import { skip } from '../testing/emulated.ts';
import { connectRedis } from './connect.ts';
import { createSharedRateStore } from './shared-rate-store.ts';

const redis = skip ? undefined : await connectRedis(process.env.REDIS_URL ?? '', () => {});
after(() => redis?.close());

const LIMITS = { windowMs: 60_000 } as Options;

function createInstance(shared: Store, onFallback: (error: unknown) => void = () => {}): Store {
  const store = createSharedRateStore({ shared, requestsPerMinute: 3, onFallback });
  store.init?.(LIMITS);
  return store;
}
const hits = async (store: Store, key: string): Promise<number> =>
  (await store.increment(key)).totalHits;

test('two instances share one count', { skip }, async () => {
  const prefix = `r${randomBytes(6).toString('hex')}:`;
  const shared = (): Store =>
    new RedisStore({ prefix, sendCommand: (...command) => redis?.send(command) as never });
  const [one, two] = [createInstance(shared()), createInstance(shared())];
  assert.deepEqual(
    [await hits(one, 'k'), await hits(two, 'k'), await hits(one, 'k'), await hits(two, 'k')],
    [1, 2, 3, 4],
  );
  assert.equal(await hits(one, 'another'), 1);
});

test('who was denied is denied from memory until the window ends', async () => {
  let asked = 0;
  const memory = new MemoryStore();
  const counting = createInstance({
    init: (options) => memory.init(options),
    increment: (key) => {
      asked++;
      return memory.increment(key);
    },
    decrement: (key) => memory.decrement(key),
    resetKey: (key) => memory.resetKey(key),
  });
  for (let request = 0; request < 10; request++) await hits(counting, 'k');
  assert.equal(asked, 4);
  memory.shutdown();
});

test('a shared count that was away at the start is used as soon as it is there', async () => {
  const memory = new MemoryStore();
  let isAway = true;
  const late = createInstance({
    init: async (options) => {
      if (isAway) throw new Error('away');
      memory.init(options);
    },
    increment: (key) => memory.increment(key),
    decrement: (key) => memory.decrement(key),
    resetKey: (key) => memory.resetKey(key),
  });
  assert.deepEqual([await hits(late, 'k'), await hits(late, 'k')], [1, 2]);
  isAway = false;
  assert.deepEqual([await hits(late, 'k'), await hits(late, 'k')], [1, 2]);
  memory.shutdown();
  late.shutdown?.();
});

test('while the shared count is away each instance counts for itself, and says so', async () => {
  const faults: unknown[] = [];
  const away: Store = {
    increment: () => Promise.reject(new Error('away')),
    decrement: () => {},
    resetKey: () => {},
  };
  const store = createInstance(away, (error) => faults.push(error));
  assert.deepEqual([await hits(store, 'k'), await hits(store, 'k')], [1, 2]);
  assert.equal(faults.length, 2);
  store.shutdown?.();
});

test('a shared count that could not be set up is set up as soon as it can be', async () => {
  const memory = new MemoryStore();
  let away = true;
  const shared: Store = {
    init: async (options) => {
      if (away) throw new Error('away');
      memory.init(options);
    },
    increment: (key) => memory.increment(key),
    decrement: () => {},
    resetKey: () => {},
  };
  const faults: unknown[] = [];
  const store = createInstance(shared, (error) => faults.push(error));
  assert.equal(await hits(store, 'k'), 1);
  away = false;
  assert.equal(await hits(store, 'k'), 1);
  assert.equal(await hits(store, 'k'), 2);
  assert.equal(faults.length, 1);
  store.shutdown?.();
  memory.shutdown();
});
