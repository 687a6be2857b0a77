import type { Database } from '@google-cloud/spanner';
import type { SealTenantOptions } from '../seal/seal-tenant.ts';

export type Mortal = {
  readonly parts: SealTenantOptions;
  /** Fault points that were passed: one before each change to the database or a bucket, and so one after each but the last. */
  readonly passed: () => number;
};

/**
 * The parts of a sealer that dies at its n-th fault point, as a process that is killed there: what it did is done, its answers
 * are lost, and it does nothing any more.
 * @param die ends this process; default: it is the sealer alone that ends.
 */
export function mortal(
  parts: SealTenantOptions,
  dieAt = Number.POSITIVE_INFINITY,
  die: () => void = () => {},
): Mortal {
  let passed = 0;
  const point = (): void => {
    if (passed >= dieAt) {
      die();
      throw new Error('killed');
    }
    passed++;
  };
  const around =
    <A extends readonly unknown[], T>(change: (...args: A) => Promise<T>) =>
    async (...args: A): Promise<T> => {
      point();
      return change(...args);
    };
  const database = new Proxy(parts.database, {
    get: (target, name) => {
      const found: unknown = Reflect.get(target, name);
      if (typeof found !== 'function') return found;
      const bound = found.bind(target);
      return name === 'writeAtLeastOnce' ? around(bound) : bound;
    },
  }) as Database;
  const { settled, moving } = parts;
  return {
    passed: () => passed,
    parts: {
      ...parts,
      database,
      recorder: async () => database,
      settled: { ...settled, create: around(settled.create) },
      moving: {
        ...moving,
        create: around(moving.create),
        replace: around(moving.replace),
        remove: around(moving.remove),
      },
    },
  };
}
