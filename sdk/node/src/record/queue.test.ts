import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertWholeChains, ofType } from '../testing/chain.ts';
import { startIngest } from '../testing/ingest.ts';
import { newApiKey } from '../testing/keys.ts';
import { runAgent } from '../testing/run-agent.ts';

test('past its bound the queue counts what it drops, and memory stays bounded', async () => {
  const ingest = await startIngest();
  const ran = await runAgent('overflow.mjs', {
    nodeArgs: ['--expose-gc'],
    env: { VANTIO_API_KEY: newApiKey(), VANTIO_INGEST_URL: ingest.url },
  });
  await ingest.close();
  const { tooMany, grown } = JSON.parse(ran.stdout);
  const records = ingest.records();
  assertWholeChains(records);
  const kept = ofType(records, 'anomaly').length;
  const [loss, ...others] = ofType(records, 'loss');
  assert.deepEqual(others, []);
  assert.equal(loss?.loss_reason, 'queue_full');
  assert.equal(kept, 10_000);
  assert.equal(kept + (loss?.lost_events ?? 0), tooMany);
  assert.ok(grown < 16 * 2 ** 20, `${grown} bytes`);
});
