import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aroundWriter } from '../testing/around-writer.ts';
import { createLedger, skip } from '../testing/emulated.ts';
import { startInstance } from '../testing/instance.ts';
import { startOtlpReceiver } from '../testing/otlp-receiver.ts';

const RECORDS = 7;
const SENDERS = 4;

for (const signal of ['SIGTERM', 'SIGKILL'] as const)
  test(`writer, ${signal} under load: what it acknowledged is in the ledger`, {
    skip,
  }, async (context) => {
    const { path, database } = await createLedger();
    context.after(() => database.close());
    const { environment, message, push } = await aroundWriter(context);
    const receiver = await startOtlpReceiver(context);
    const instance = await startInstance(context, 'writer', {
      ...environment,
      VANTIO_SPANNER_DATABASE: path,
      SPANNER_EMULATOR_HOST: process.env.SPANNER_EMULATOR_HOST ?? '',
      PUBSUB_EMULATOR_HOST: process.env.PUBSUB_EMULATOR_HOST ?? '',
      GOOGLE_CLOUD_SPANNER_MULTIPLEXED_SESSIONS: 'false',
      GOOGLE_CLOUD_SPANNER_MULTIPLEXED_SESSIONS_FOR_RW: 'false',
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint,
    });
    const acknowledged = new Set<string>();
    const statuses = new Set<number>();
    const sender = async (): Promise<void> => {
      for (;;) {
        const { sessionId, data } = message(RECORDS);
        const answer = await push(instance.url, data).catch(() => undefined);
        if (answer === undefined) return;
        statuses.add(answer.status);
        if (answer.status === 204) acknowledged.add(sessionId);
        if (acknowledged.size === 12) instance.kill(signal);
      }
    };
    await Promise.all(Array.from({ length: SENDERS }, sender));
    assert.equal(await instance.exited, signal === 'SIGTERM' ? 0 : null, instance.output());
    assert.ok(acknowledged.size >= 12);
    const [rows] = await database.run({
      sql: 'SELECT SessionId, COUNT(*) AS Total FROM TrueTimeLedger GROUP BY SessionId',
      json: true,
    });
    const totals = new Map(
      (rows as unknown as { SessionId: string; Total: number }[]).map((row) => [
        row.SessionId,
        row.Total,
      ]),
    );
    for (const sessionId of acknowledged) assert.equal(totals.get(sessionId), RECORDS);
    if (signal === 'SIGKILL') return;
    // The emulator aborts what meets another transaction, for longer than the writer tries at times.
    assert.deepEqual(
      [...statuses].filter((status) => status !== 503),
      [204],
    );
    const inserted = Number(receiver.points('vantio.rows')['outcome=inserted']);
    const duplicate = Number(receiver.points('vantio.rows')['outcome=duplicate'] ?? 0);
    assert.equal(inserted + duplicate, acknowledged.size * RECORDS);
    assert.equal(receiver.points('vantio.messages')['outcome=stored'], acknowledged.size);
    assert.ok(Number(receiver.points('vantio.commits')['code=ok']) >= acknowledged.size);
  });
