import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { type TestContext, test } from 'node:test';
import { ofType } from '../testing/chain.ts';
import { type Ingest, startIngest } from '../testing/ingest.ts';
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
