import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import { http } from '@google-cloud/functions-framework';
import { getTestServer } from '@google-cloud/functions-framework/testing';
import { createSealer, type SealedList } from './handler.ts';
import { LIST } from './seal-request.ts';

const tenantIds = Array.from({ length: 60 }, (_, at) => `t${at}`);
const lists: string[] = [];
const sealed: string[] = [];
const done: SealedList[] = [];
const faults: (string | undefined)[] = [];
let isAway = false;

http(
  'sealer-test',
  createSealer({
    tenants: async function* (sweep) {
      if (isAway) throw new Error('away');
      yield* sweep === 'all' ? tenantIds : tenantIds.slice(0, 2);
    },
    sealTenant: async (tenantId, sweep) => {
      await new Promise((resolve) => setTimeout(resolve, 1));
      if (tenantId === 't3') throw new Error('injected');
      sealed.push(`${tenantId} ${sweep}`);
      return { size: 9, added: 2, copied: sweep === 'all' };
    },
    fanOut: async (list) => void lists.push(list),
    onSealed: (list) => done.push(list),
    onFault: (tenantId) => faults.push(tenantId),
  }),
);
const server = getTestServer('sealer-test').listen(0, '127.0.0.1');
await once(server, 'listening');
after(() => {
  server.closeAllConnections();
  server.close();
});

const post = (body: unknown): Promise<Response> =>
  fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
const push = (data: string): Promise<Response> =>
  post({
    message: { data: Buffer.from(data).toString('base64'), messageId: '1' },
    subscription: 'projects/p/subscriptions/s',
  });

test('what is found is handed out in lists, each of which comes back as a request', async () => {
  const found = await post({ sweep: 'all' });
  assert.deepEqual([found.status, await found.json()], [200, { tenants: 60 }]);
  assert.deepEqual(
    lists.map((list) => JSON.parse(list).tenant_ids.length),
    [LIST, LIST, 10],
  );
  const [first = '', second = ''] = lists;
  const one = await push(second);
  assert.equal(one.status, 200);
  assert.deepEqual(await one.json(), { sealed: 25, added: 50, copied: 25, failed: 0 });
  assert.deepEqual(
    new Set(sealed),
    new Set(tenantIds.slice(LIST, 2 * LIST).map((id) => `${id} all`)),
  );
  sealed.length = 0;
  // One of it fails: the others are sealed, and the list is to come again.
  const failing = await push(first);
  assert.equal(failing.status, 500);
  assert.deepEqual(await failing.json(), { sealed: 24, added: 48, copied: 24, failed: 1 });
  assert.deepEqual([sealed.length, faults, done.length], [24, ['t3'], 2]);
});

test('newest is asked for by name, and anything else is not an order', async () => {
  lists.length = 0;
  assert.equal((await post({ sweep: 'newest' })).status, 200);
  assert.deepEqual(lists, ['{"sweep":"newest","tenant_ids":["t0","t1"]}']);
  for (const body of [{}, [], { sweep: 'some' }, { sweep: 'all', tenant_ids: ['a'] }])
    assert.equal((await post(body)).status, 400, JSON.stringify(body));
  for (const list of [
    '',
    '{"sweep":"all"}',
    '{"sweep":"all","tenant_ids":[]}',
    '{"sweep":"all","tenant_ids":["A"]}',
    JSON.stringify({ sweep: 'all', tenant_ids: tenantIds }),
  ])
    assert.equal((await push(list)).status, 400, list);
  isAway = true;
  const away = await post({ sweep: 'newest' });
  assert.deepEqual([away.status, away.headers.get('retry-after')], [503, '60']);
});
