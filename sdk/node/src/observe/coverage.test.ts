import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ofType } from '../testing/chain.ts';
import { startIngest } from '../testing/ingest.ts';
import { newApiKey } from '../testing/keys.ts';
import { runAgent } from '../testing/run-agent.ts';

test('a session says what its Node version cannot show, and says nothing where all is shown', async () => {
  const ingest = await startIngest();
  const env = { VANTIO_API_KEY: newApiKey(), VANTIO_INGEST_URL: ingest.url };
  await runAgent('flush-twice.mjs', { env });
  await ingest.close();
  const gaps = ofType(ingest.records(), 'coverage').map(({ capability }) => capability);
  const lacksChannels = process.versions.node.startsWith('20.');
  assert.deepEqual(gaps, lacksChannels ? ['http2'] : []);
});
