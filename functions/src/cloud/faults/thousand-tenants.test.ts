import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseEnvelope, recordHash } from '@vantio/schema';
import { createRandom } from '../../testing/seeded-random.ts';
import { skip } from '../testing/emulated.ts';
import { createEmitter, linesOf } from '../testing/records.ts';
import { createCloudParts } from './cloud-parts.ts';
import { startFunction } from './function-process.ts';
import { post } from './post.ts';
import { push } from './push.ts';
import { startRedeliveringFront } from './redelivering-front.ts';

const TENANTS = 1000;
const EVENTS = 3;
const AT_ONCE = 100;

const parts = skip ? undefined : await createCloudParts();
after(() => parts?.close());

test(`${TENANTS} tenants at once, every message delivered three times: each has its own records, once, and no others`, {
  skip,
}, async (t) => {
  assert.ok(parts);
  const { environment, database, topics } = parts;
  const [ingest, writer] = await Promise.all([
    startFunction('ingest', environment),
    startFunction('writer', environment),
  ]);
  const front = await startRedeliveringFront({
    random: createRandom(1),
    deliver: (body) => {
      const { message } = JSON.parse(body.toString());
      return push(parts, writer.url, Buffer.from(message.data, 'base64'), message.messageId);
    },
  });
  t.after(async () => {
    front.close();
    await Promise.all([ingest.kill(), writer.kill()]);
  });
  await topics.pushTo(front.url);

  const tenants = Array.from({ length: TENANTS }, (_, index) => {
    const emitter = createEmitter(`tenant-${String(index).padStart(4, '0')}`, 'free');
    return { emitter, lines: linesOf(emitter, EVENTS) };
  });
  const queue = [...tenants];
  const send = async (): Promise<void> => {
    for (let tenant = queue.pop(); tenant; tenant = queue.pop())
      assert.equal((await post(ingest.url, tenant.emitter, tenant.lines)).status, 202);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, send));

  const read = async () => {
    const [rows] = await database.run({
      sql: 'SELECT TenantId, RecordHash FROM TrueTimeLedger ORDER BY TenantId, Seq',
      json: true,
    });
    return rows as unknown as readonly { readonly TenantId: string; readonly RecordHash: string }[];
  };
  while ((await read()).length < TENANTS * EVENTS) await sleep(200, undefined, t);
  while (!front.isDone()) await sleep(50, undefined, t);
  assert.deepEqual(
    (await read()).map(({ TenantId, RecordHash }) => [TenantId, RecordHash]),
    tenants.flatMap(({ emitter, lines }) =>
      lines.map((line) => [emitter.tenantId, recordHash(parseEnvelope(line).canonical)]),
    ),
  );
  assert.deepEqual([...ingest.complaints, ...writer.complaints], []);
});
