import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SealedRecord } from '@vantio/schema';
import { createEmitter, ndjson } from '../testing/emitter.ts';
import { emitted, readLedger, verifyLedger } from '../testing/ledger.ts';
import { createHouse, post, spawnServer } from '../testing/local.ts';
import { requireSound } from '../testing/log.ts';

const KILLS = 50;
const EMITTERS = 4;
const BATCH = 20;

/** Sends batch after batch, each until it is acknowledged, as an SDK does: the same bytes again after any failure. */
function createSender(apiKey: string, urlNow: () => string) {
  const emitter = createEmitter(apiKey);
  const acknowledged: SealedRecord[] = [];
  let waiting: readonly SealedRecord[] = emitter.batch(BATCH - 1);
  let stopped = false;
  const run = async (): Promise<void> => {
    while (!stopped) {
      try {
        const answer = await post(urlNow(), apiKey, ndjson(waiting));
        assert.equal(answer.status, 202, JSON.stringify(answer.body));
        assert.ok(answer.body.events.every(({ status }) => status !== 'conflict'));
      } catch (error) {
        if (error instanceof assert.AssertionError) throw error;
        await new Promise((resolve) => setTimeout(resolve, 5));
        continue;
      }
      acknowledged.push(...waiting);
      waiting = Array.from({ length: BATCH }, () => emitter.event());
    }
  };
  return { acknowledged, done: run(), stop: () => (stopped = true) };
}

test(`kill -9 of the server ${KILLS} times under load: what was acknowledged is in the ledger exactly once, and it verifies`, async (t) => {
  const house = createHouse(t);
  const options = ['--output-file', house.ledger, '--state-dir', house.stateDir];
  // Small files, so that kills also fall into rotations.
  const start = () =>
    spawnServer([...options, '--rate-limit', '1000000', '--max-segment-bytes', '300000']);
  let server = await start();
  t.after(() => server.kill('SIGKILL'));
  const apiKey = house.key();
  const senders = Array.from({ length: EMITTERS }, () => createSender(apiKey, () => server.url));
  let acknowledgedBefore = 0;
  for (let kill = 0; kill < KILLS; kill++) {
    const acknowledged = () => senders.reduce((sum, sender) => sum + sender.acknowledged.length, 0);
    // Not before something was acknowledged, then at any moment of a write.
    while (acknowledged() === acknowledgedBefore)
      await Promise.race([
        new Promise((resolve) => setTimeout(resolve, 2)),
        ...senders.map(({ done }) => done),
      ]);
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 40));
    await server.kill('SIGKILL');
    acknowledgedBefore = acknowledged();
    server = await start();
  }
  for (const { stop } of senders) stop();
  await Promise.all(senders.map(({ done }) => done));
  await server.kill('SIGTERM');

  const stored = new Map<string, number>();
  for (const { record } of emitted(house.ledger))
    stored.set(record.event_id, (stored.get(record.event_id) ?? 0) + 1);
  for (const { acknowledged } of senders)
    for (const { record } of acknowledged)
      assert.equal(stored.get(record.event_id), 1, `seq ${record.seq} of ${record.session_id}`);
  assert.ok([...stored.values()].every((times) => times === 1));
  const report = verifyLedger(house.ledger, [apiKey, house.controlKey()]);
  assert.deepEqual(report.wrong, {}, JSON.stringify(report.findings.slice(0, 3)));
  const starts = readLedger(house.ledger).filter(
    ({ record }) => record.source === 'control_plane' && record.event_type === 'session_start',
  );
  assert.equal(starts.length, KILLS + 1);
  const { size } = await requireSound(house.ledger);
  assert.equal(size, readLedger(house.ledger).length);
});
