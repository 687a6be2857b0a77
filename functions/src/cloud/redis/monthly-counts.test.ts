import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, test } from 'node:test';
import { skip } from '../testing/emulated.ts';
import { connectRedis } from './connect.ts';
import {
  createCountsWithFallback,
  createMemoryCounts,
  createRedisCounts,
  type MonthlyCounts,
} from './monthly-counts.ts';

const redis = skip ? undefined : await connectRedis(process.env.REDIS_URL ?? '', () => {});
after(() => redis?.close());

const tenant = (): string => `t${randomBytes(6).toString('hex')}`;
const request = (tenantId: string, hash: string, events: number) => ({
  tenantId,
  receivedAt: '2026-11-23T10:00:00.000000Z',
  hashes: [hash],
  events,
  monthlyLimit: 100,
});

const kinds: readonly (readonly [string, string | false, () => MonthlyCounts])[] = [
  ['memory', false, createMemoryCounts],
  ['Redis', skip, () => createRedisCounts(redis?.send ?? (() => Promise.reject()))],
];
for (const [name, reason, create] of kinds) {
  test(`${name}: up to the limit, by month and tenant, and not past it`, {
    skip: reason,
  }, async () => {
    const counts = create();
    const id = tenant();
    assert.equal(await counts.take(request(id, 'a', 60)), 'counted');
    assert.equal(await counts.take(request(id, 'b', 41)), 'over');
    assert.equal(await counts.take(request(id, 'c', 40)), 'counted');
    assert.equal(await counts.of(id, '2026-11-30T23:59:59.999999Z'), 100);
    assert.equal(await counts.of(id, '2026-12-01T00:00:00.000000Z'), 0);
    assert.equal(await counts.take(request(tenant(), 'a', 60)), 'counted');
  });

  test(`${name}: the same batch again is not counted again`, { skip: reason }, async () => {
    const counts = create();
    const id = tenant();
    assert.equal(await counts.take(request(id, 'a', 90)), 'counted');
    for (let time = 0; time < 2; time++)
      assert.equal(await counts.take(request(id, 'a', 90)), 'known');
    assert.equal(await counts.of(id, request(id, 'a', 0).receivedAt), 90);
  });

  test(`${name}: what is given back can be taken again, and is given back once`, {
    skip: reason,
  }, async () => {
    const counts = create();
    const id = tenant();
    await counts.take(request(id, 'a', 60));
    await counts.take(request(id, 'b', 30));
    for (let time = 0; time < 2; time++) await counts.giveBack(request(id, 'a', 60));
    assert.equal(await counts.of(id, request(id, 'a', 0).receivedAt), 30);
    assert.equal(await counts.take(request(id, 'a', 60)), 'counted');
  });

  test(`${name}: instances that ask at the same time do not both get the last events`, {
    skip: reason,
  }, async () => {
    const counts = create();
    const id = tenant();
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, at) => counts.take(request(id, `h${at}`, 10))),
    );
    assert.equal(answers.filter((taken) => taken === 'counted').length, 10);
  });
}

test('while Redis is away this process counts alone, and says so each time', async () => {
  const faults: unknown[] = [];
  const away: MonthlyCounts = {
    take: () => Promise.reject(new Error('away')),
    giveBack: () => Promise.reject(new Error('away')),
    of: () => Promise.reject(new Error('away')),
  };
  const counts = createCountsWithFallback(away, createMemoryCounts(), (error) =>
    faults.push(error),
  );
  const id = tenant();
  assert.equal(await counts.take(request(id, 'a', 90)), 'counted');
  assert.equal(await counts.take(request(id, 'b', 20)), 'over');
  assert.equal(await counts.of(id, '2026-11-23T10:00:00.000000Z'), 90);
  assert.equal(faults.length, 3);
});

test('a Redis that is not there fails at once', async () => {
  const gone = await connectRedis('redis://127.0.0.1:1', () => {});
  await assert.rejects(gone.send(['PING']));
  await gone.close();
});
