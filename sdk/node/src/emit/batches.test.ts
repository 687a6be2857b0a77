import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { type TestContext, test } from 'node:test';
import { assertWholeChains, ofType } from '../testing/chain.ts';
import { type Answer, type Ingest, startIngest } from '../testing/ingest.ts';
import { newApiKey } from '../testing/keys.ts';
import { runAgent, scratch } from '../testing/run-agent.ts';

/** Runs an agent that never flushes by itself, for as long as the test. @returns its pid once it has reported. */
async function startIdle(t: TestContext, ingest: Ingest, anomalies: number) {
  const child = await new Promise<ChildProcess>((resolve) => {
    void runAgent('idle.mjs', {
      args: [String(anomalies)],
      onReady: resolve,
      env: {
        VANTIO_API_KEY: newApiKey(),
        VANTIO_INGEST_URL: ingest.url,
        VANTIO_SPOOL_DIR: scratch(),
      },
    });
  });
  t.after(() => child.kill('SIGKILL'));
  return child.pid;
}

const anomaliesOf = (ingest: Ingest, pid: number | undefined): number =>
  ofType(ingest.records(), 'anomaly').filter((record) => record.pid === pid).length;

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 20));
}

test('500 events are sent at once; fewer are sent too, by a timer, later', async (t) => {
  const ingest = await startIngest();
  const fewer = await startIdle(t, ingest, 499);
  const enough = await startIdle(t, ingest, 500);
  await until(() => ofType(ingest.records(), 'anomaly').length > 0);
  assert.equal(anomaliesOf(ingest, fewer), 0, 'those that wait came first, and still wait');
  assert.equal(anomaliesOf(ingest, enough), 500);
  await until(() => anomaliesOf(ingest, fewer) > 0);
  assert.equal(anomaliesOf(ingest, fewer), 499);
});

test('a batch that was not taken is tried again by itself', async (t) => {
  const ingest = await startIngest((request) => (request < 2 ? { status: 503 } : 'store'));
  const agent = await startIdle(t, ingest, 500);
  await until(() => anomaliesOf(ingest, agent) > 0);
  assert.equal(anomaliesOf(ingest, agent), 500);
});

/** Runs an agent of some steps, each with a flush, to its end, and another that sends what it has left behind. */
async function runSteps(args: readonly number[], decide?: (request: number) => Answer) {
  const ingest = await startIngest(decide);
  const env = {
    VANTIO_API_KEY: newApiKey(),
    VANTIO_INGEST_URL: ingest.url,
    VANTIO_SPOOL_DIR: scratch(),
  };
  const ran = await runAgent('steps.mjs', { args: args.map(String), env });
  const requests = ingest.requests();
  await runAgent('flush-twice.mjs', { env });
  await ingest.close();
  assert.deepEqual([ran.code, ran.stdout, ran.stderr], [0, 'done\n', '']);
  assert.deepEqual(ingest.faults, []);
  const records = ingest.records();
  const ended = ofType(records, 'shield_end').filter(({ pid }) => pid === ran.pid).length;
  return { chains: [...assertWholeChains(records).values()], records, ended, requests };
}

test('long names make more batches, none larger than the ingest takes', async () => {
  const { records, ended } = await runSteps([1, 499, 4096]);
  assert.equal(ended, 499);
  assert.deepEqual(ofType(records, 'loss'), []);
});

test('what waited while the rate was limited goes together', async () => {
  const { ended, requests } = await runSteps([30, 2, 1], (request) =>
    request === 0 ? { status: 429 } : 'store',
  );
  assert.equal(ended, 60);
  assert.ok(requests < 15, `${requests} requests for 30 batches`);
});

test('of batches that went together only those are lost that are refused alone, and what follows in their chain', async () => {
  const refused: Answer = { status: 422 };
  const { records, ended } = await runSteps(
    [8, 2, 1],
    (request) =>
      ([{ status: 429 }, refused, 'store', 'store', refused] as const)[request] ?? 'store',
  );
  assert.ok(ended >= 4, 'two batches were taken alone');
  const lost = ofType(records, 'loss').filter(({ loss_reason }) => loss_reason === 'refused');
  assert.equal(lost[0]?.lost_events, 16 - ended);
});
