import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { parseEnvelope, recordHash } from '@vantio/schema';
import { GRPC } from '../spanner/grpc-status.ts';
import { openDatabase } from '../spanner/open-database.ts';
import { skip } from '../testing/emulated.ts';
import { createEmitter, linesOf } from '../testing/records.ts';
import { createCloudParts, messageOf } from './cloud-parts.ts';
import { startFunction } from './function-process.ts';
import { type Answer, type Intercept, startGrpcProxy } from './grpc-proxy.ts';
import { push, pushUntilAcknowledged } from './push.ts';
import { storedHashes } from './stored-hashes.ts';

const INTERNAL = 13;
const STATUSES = {
  ABORTED: GRPC.aborted,
  UNAVAILABLE: GRPC.unavailable,
  DEADLINE_EXCEEDED: GRPC.deadlineExceeded,
  RESOURCE_EXHAUSTED: GRPC.resourceExhausted,
  ALREADY_EXISTS: GRPC.alreadyExists,
  INTERNAL,
} as const;

const setup = skip ? undefined : await start();
after(() => setup?.close());

async function start() {
  const parts = await createCloudParts();
  const spanner = await startGrpcProxy(process.env.SPANNER_EMULATOR_HOST ?? '');
  const environment = { ...parts.environment, SPANNER_EMULATOR_HOST: spanner.host };
  const writer = await startFunction('writer', environment);
  const close = async (): Promise<void> => {
    await writer.kill();
    spanner.close();
    await parts.close();
  };
  return { parts, spanner, environment, writer, close };
}

function ready() {
  assert.ok(setup);
  return setup;
}

function messageFrom(tenantId: string, count: number) {
  const emitter = createEmitter(tenantId);
  const lines = linesOf(emitter, count);
  return {
    tenantId,
    data: messageOf(emitter, lines, ready().parts.ingestKey),
    hashes: lines.map((line) => recordHash(parseEnvelope(line).canonical)).sort(),
  };
}

/** Fails the first calls, as many as are named, and lets the others through. */
function failing(times: number, fail: Intercept): Intercept {
  let left = times;
  return (call, forward) => (left-- > 0 ? fail(call, forward) : forward());
}
const refused =
  (status: number): Intercept =>
  async () => ({ status });
const lost =
  (status: number): Intercept =>
  async (_call, forward) => {
    await forward();
    return { status };
  };

let tenants = 0;
for (const [name, status] of Object.entries(STATUSES))
  for (const [when, fault] of [
    ['before it took effect', refused(status)],
    ['after it took effect', lost(status)],
  ] as const)
    test(`a commit answered ${name} ${when}: each record is stored once, whatever was answered`, {
      skip,
    }, async () => {
      const { parts, spanner, writer } = ready();
      const { tenantId, data, hashes } = messageFrom(`s${tenants++}`, 12);
      spanner.intercept('Commit', failing(2, fault));
      const answers = await pushUntilAcknowledged(parts, writer.url, data);
      spanner.intercept('Commit', undefined);
      assert.ok(
        answers.slice(0, -1).every((answer) => answer === 503),
        `${answers}`,
      );
      assert.deepEqual(await storedHashes(parts.database, tenantId), hashes);
    });

test('a commit that fails in the middle of a bisect leaves nothing out when the message comes again', {
  skip,
}, async () => {
  const { parts, spanner, writer } = ready();
  const { tenantId, data, hashes } = messageFrom('bisect', 40);
  let commits = 0;
  spanner.intercept('Commit', async (_call, forward): Promise<Answer> => {
    commits++;
    // The first says that something stands there already; some of the parts fail, one of them after it was stored.
    if (commits === 1) return { status: GRPC.alreadyExists };
    const answer = await forward();
    return commits === 4 ? { status: INTERNAL } : answer;
  });
  const answers = await pushUntilAcknowledged(parts, writer.url, data);
  spanner.intercept('Commit', undefined);
  assert.deepEqual(answers, [503, 204]);
  assert.deepEqual(await storedHashes(parts.database, tenantId), hashes);
});

for (const [name, status] of Object.entries(STATUSES))
  test(`sessions that cannot be made (${name}): the writer lives, and stores when they can`, {
    skip,
  }, async () => {
    const { parts, spanner, environment } = ready();
    const { tenantId, data, hashes } = messageFrom(`m${tenants++}`, 3);
    spanner.intercept('BatchCreateSessions', failing(2, refused(status)));
    spanner.intercept('CreateSession', failing(2, refused(status)));
    const writer = await startFunction('writer', environment);
    try {
      await pushUntilAcknowledged(parts, writer.url, data);
      assert.ok(writer.isAlive());
      assert.deepEqual(writer.complaints, []);
    } finally {
      await writer.kill();
    }
    assert.deepEqual(await storedHashes(parts.database, tenantId), hashes);
  });

test('while the database is away nothing is acknowledged, and nothing is lost', {
  skip,
}, async () => {
  const { parts, spanner, writer } = ready();
  const { tenantId, data, hashes } = messageFrom('away', 5);
  // Not UNAVAILABLE: for as long as its deadline the client hopes that this will pass.
  spanner.intercept('Commit', refused(INTERNAL));
  assert.equal(await push(parts, writer.url, data), 503);
  assert.deepEqual(await storedHashes(parts.database, tenantId), []);
  spanner.intercept('Commit', undefined);
  assert.equal(await push(parts, writer.url, data), 204);
  assert.deepEqual(await storedHashes(parts.database, tenantId), hashes);
});

test('a session that the database has forgotten costs one delivery, not the writer', {
  skip,
}, async () => {
  const { parts, writer } = ready();
  const { tenantId, data, hashes } = messageFrom('forgotten', 3);
  assert.equal(await push(parts, writer.url, messageFrom('before', 3).data), 204);
  const [sessions] = await parts.database.getSessions();
  for (const session of sessions) await session.delete();
  const answers = await pushUntilAcknowledged(parts, writer.url, data);
  assert.deepEqual(answers, [503, 204]);
  // The test's own client has lost its sessions, too.
  const path = parts.environment.VANTIO_SPANNER_DATABASE ?? '';
  const database = await openDatabase({ path, role: undefined, concurrency: 1 });
  assert.deepEqual(await storedHashes(database, tenantId), hashes);
  await database.close();
});
