import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newApiKey } from '../testing/keys.ts';
import { runAgent } from '../testing/run-agent.ts';

const lines = (text: string): readonly string[] => text.split('\n').filter((line) => line !== '');

test('without a key traces work, and it is said once that nothing is recorded', async () => {
  const ran = await runAgent('five-flushes.mjs');
  assert.equal(ran.code, 0);
  assert.deepEqual(lines(ran.stderr), [
    'vantio: VANTIO_API_KEY is not set: traces work, nothing is recorded',
  ]);
  assert.match((await runAgent('calls.mjs')).stdout, /^[0-9a-f]{32}\n$/);
});

test('whatever is wrong with the configuration is said once, and never what the key is', async () => {
  const apiKey = newApiKey();
  const cases: readonly (readonly [Record<string, string>, RegExp])[] = [
    [{ VANTIO_API_KEY: 'secret-but-wrong' }, /VANTIO_API_KEY is not an API key/],
    [{ VANTIO_API_KEY: 'vk1.secret-but-wrong' }, /VANTIO_API_KEY is not an API key/],
    [{ VANTIO_API_KEY: apiKey, VANTIO_INGEST_URL: 'not a url' }, /VANTIO_INGEST_URL is not a URL/],
    [{ VANTIO_API_KEY: apiKey, VANTIO_INGEST_URL: 'ftp://x' }, /neither http: nor https:/],
    [{ VANTIO_API_KEY: apiKey, SOVEREIGN_MODE: 'cloud' }, /needs VANTIO_INGEST_URL/],
    [{ VANTIO_API_KEY: apiKey, SOVEREIGN_MODE: 'moon' }, /neither local nor cloud/],
  ];
  for (const [env, said] of cases) {
    const ran = await runAgent('five-flushes.mjs', { env });
    assert.equal(ran.code, 0);
    assert.equal(lines(ran.stderr).length, 1, ran.stderr);
    assert.match(ran.stderr, said);
    assert.ok(!ran.stderr.includes('secret'));
  }
});

test('a stderr that nobody reads any more does not end the host', async () => {
  const ran = await runAgent('five-flushes.mjs', {
    nodeArgs: ['--import', WAIT],
    closeStderr: true,
  });
  assert.deepEqual([ran.code, ran.stdout], [0, 'done\n']);
});

// Gives the test time to close its end: until then a write would succeed.
const WAIT =
  'data:text/javascript,await new Promise((resolve) => process.stdin.once("close", resolve).resume());';
