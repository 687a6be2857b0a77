import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeCertificate } from '../testing/certificate.ts';
import { ofType } from '../testing/chain.ts';
import { startIngest } from '../testing/ingest.ts';
import { newApiKey } from '../testing/keys.ts';
import { runAgent } from '../testing/run-agent.ts';
import { ANSWER, startTargets } from '../testing/targets.ts';

test('a request is recorded, and whole, although the collector runs right after its end', async () => {
  const ingest = await startIngest();
  const targets = await startTargets(makeCertificate());
  const ran = await runAgent('collected.mjs', {
    args: [String(targets.http)],
    nodeArgs: ['--expose-gc'],
    env: { VANTIO_API_KEY: newApiKey(), VANTIO_INGEST_URL: ingest.url },
  });
  await ingest.close();
  assert.equal(ran.code, 0, ran.stderr);
  const requests = ofType(ingest.records(), 'http_request');
  assert.deepEqual(
    requests.map(({ outcome, status_class, bytes_received }) => [
      outcome,
      status_class,
      bytes_received,
    ]),
    [
      ['ok', 1, undefined],
      ['ok', 2, ANSWER.length],
    ],
  );
});
