import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { protos } from '@google-cloud/spanner';
import { parseEnvelope, recordHash } from '@vantio/schema';
import { ledgerRows } from '@vantio/schema/spanner/ledger-row';
import { createCommit } from '../spanner/commit.ts';
import { insertsOf } from '../spanner/insert-rows.ts';
import { openDatabase } from '../spanner/open-database.ts';
import { skip } from '../testing/emulated.ts';
import { createEmitter, envelopesOf, linesOf } from '../testing/records.ts';
import { createCloudParts, messageOf } from './cloud-parts.ts';
import { startFunction } from './function-process.ts';
import { startGrpcProxy } from './grpc-proxy.ts';
import { disclosingLines } from './large-records.ts';
import { pushUntilAcknowledged } from './push.ts';
import { storedHashes } from './stored-hashes.ts';

const { BatchCreateSessionsRequest, CommitRequest, CreateSessionRequest } =
  protos.google.spanner.v1;
type CommitRequest = InstanceType<typeof CommitRequest>;

const setup = skip ? undefined : await start();
after(() => setup?.close());

async function start() {
  const parts = await createCloudParts();
  const spanner = await startGrpcProxy(process.env.SPANNER_EMULATOR_HOST ?? '');
  const commits: { readonly request: CommitRequest; readonly bytes: number }[] = [];
  spanner.intercept('Commit', async ({ message }, forward) => {
    commits.push({ request: CommitRequest.decode(message), bytes: message.length });
    return forward();
  });
  const environment = { ...parts.environment, SPANNER_EMULATOR_HOST: spanner.host };
  const writer = await startFunction('writer', environment);
  const close = async (): Promise<void> => {
    await writer.kill();
    spanner.close();
    await parts.close();
  };
  return { parts, spanner, commits, writer, close };
}

function ready() {
  assert.ok(setup);
  return setup;
}

const hashesOf = (lines: readonly string[]): readonly string[] =>
  lines.map((line) => recordHash(parseEnvelope(line).canonical)).sort();

const LEDGER_COLUMNS = [
  ...['TenantId', 'TraceId', 'EventId', 'RecordHash', 'Record', 'RecordMac', 'ReceivedAt'],
  'CommitTimestamp',
].sort();

/** Holds every commit so far to inserts with the placeholder, and takes them away. @returns how many rows there were. */
function assertBlindInserts(): number {
  let rows = 0;
  for (const { request } of ready().commits.splice(0)) {
    assert.ok(request.singleUseTransaction?.readWrite, 'no transaction of its own');
    for (const { insert, ...others } of request.mutations) {
      assert.deepEqual(Object.values(others).filter(Boolean), []);
      const columns = insert?.columns ?? [];
      if (insert?.table === 'TrueTimeLedger') assert.deepEqual([...columns].sort(), LEDGER_COLUMNS);
      else assert.equal(insert?.table, 'Disclosures');
      for (const { values } of insert?.values ?? []) {
        rows++;
        const at = values?.[columns.indexOf('CommitTimestamp')]?.stringValue;
        assert.equal(at, 'spanner.commit_timestamp()');
      }
    }
  }
  return rows;
}

test('the writer sends blind inserts with the placeholder, and nothing else', {
  skip,
}, async () => {
  const { parts, spanner, writer } = ready();
  for (const method of ['BeginTransaction', 'ExecuteSql', 'ExecuteStreamingSql', 'Read'])
    spanner.intercept(method, async () => assert.fail(`${method} was called`));
  const emitter = createEmitter('wire');
  const lines = disclosingLines(emitter, 9, 10);
  await pushUntilAcknowledged(parts, writer.url, messageOf(emitter, lines, parts.ingestKey));
  await pushUntilAcknowledged(parts, writer.url, messageOf(emitter, lines, parts.ingestKey));
  assert.ok(assertBlindInserts() > 9);
  assert.deepEqual(await storedHashes(parts.database, 'wire'), hashesOf(lines));
});

test('the timestamp that the database answers with is the rows’, to the last digit', {
  skip,
}, async () => {
  const { database } = ready().parts;
  const emitter = createEmitter('times');
  const rows = envelopesOf(emitter, 3).map((one) => ledgerRows(one, '2026-11-23T10:00:00.000000Z'));
  const commit = await createCommit(database);
  const answered = await commit(insertsOf(rows));
  assert.match(answered, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/);
  const [found] = await database.run({
    sql: `SELECT DISTINCT FORMAT_TIMESTAMP('%Y-%m-%dT%H:%M:%E9SZ', CommitTimestamp, 'UTC') AS Stored
      FROM TrueTimeLedger WHERE TenantId = 'times'`,
    json: true,
  });
  assert.deepEqual(found, [{ Stored: answered }]);
});

test('every session is made as the database role', { skip }, async () => {
  const { parts, spanner } = ready();
  const roles: unknown[] = [];
  spanner.intercept('BatchCreateSessions', async ({ message }, forward) => {
    roles.push(BatchCreateSessionsRequest.decode(message).sessionTemplate?.creatorRole);
    return forward();
  });
  spanner.intercept('CreateSession', async ({ message }, forward) => {
    roles.push(CreateSessionRequest.decode(message).session?.creatorRole);
    return forward();
  });
  const direct = process.env.SPANNER_EMULATOR_HOST;
  process.env.SPANNER_EMULATOR_HOST = spanner.host;
  const path = parts.environment.VANTIO_SPANNER_DATABASE ?? '';
  const database = await openDatabase({ path, role: 'ledger_writer', concurrency: 2 });
  process.env.SPANNER_EMULATOR_HOST = direct;
  const emitter = createEmitter('roles');
  const commit = await createCommit(database);
  await commit(
    insertsOf(envelopesOf(emitter, 1).map((one) => ledgerRows(one, '2026-11-23T10:00:00.000000Z'))),
  );
  await database.close();
  assert.ok(roles.length >= 2);
  assert.deepEqual(new Set(roles), new Set(['ledger_writer']));
  assertBlindInserts();
});

for (const [what, count, characters] of [
  ['the most records, which would be over the mutations of one commit', 1000, 40],
  ['the most bytes that Pub/Sub takes', 390, 4096],
] as const)
  test(`a message of ${what} is stored`, { skip }, async (t) => {
    const { parts, commits, writer } = ready();
    const emitter = createEmitter(`large${count}`);
    const lines = disclosingLines(emitter, count, characters);
    const data = messageOf(emitter, lines, parts.ingestKey);
    assert.ok(Buffer.byteLength(data) < 10_000_000);
    const answers = await pushUntilAcknowledged(parts, writer.url, data);
    // A busy emulator may not answer within the writer's deadline: then it is delivered again, and split.
    assert.deepEqual(new Set(answers.slice(0, -1)), new Set(answers.length > 1 ? [503] : []));
    const sizes = commits.map(({ request, bytes }) => ({
      rows: request.mutations.map(({ insert }) => insert?.values?.length ?? 0),
      bytes,
    }));
    t.diagnostic(`${Buffer.byteLength(data)} bytes; commits: ${JSON.stringify(sizes)}`);
    for (const { rows, bytes } of sizes) {
      const [ledger = 0, disclosures = 0] = rows;
      assert.ok(ledger * 72 + disclosures * 8 <= 80_000);
      assert.ok(bytes < 20_000_000);
    }
    const [sent, needed] = [assertBlindInserts(), count + 2 * (count - 1)];
    assert.ok(answers.length > 1 ? sent >= needed : sent === needed, `${sent} of ${needed} rows`);
    assert.deepEqual(await storedHashes(parts.database, emitter.tenantId), hashesOf(lines));
  });

test('10 MB that are not ours go to the dead letters, and the writer takes the next message', {
  skip,
}, async () => {
  const { parts, writer } = ready();
  // Pub/Sub's bound is for data and attributes together; what it pushes to us leaves room for the reason.
  const answers = await pushUntilAcknowledged(parts, writer.url, Buffer.alloc(9_990_000, 'x'));
  assert.deepEqual(answers, [204]);
  assert.equal((await parts.topics.nextDeadLetter()).reason, 'malformed_message');
  const emitter = createEmitter('next');
  const data = messageOf(emitter, linesOf(emitter, 1), parts.ingestKey);
  assert.deepEqual(await pushUntilAcknowledged(parts, writer.url, data), [204]);
  assert.deepEqual(writer.complaints, []);
});
