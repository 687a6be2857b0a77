import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { newApiKey } from '../testing/keys.ts';
import { runAgent, scratch } from '../testing/run-agent.ts';

test("telemetry's own errors go to the debug channel, with a code and no message, and nowhere else", async () => {
  const ran = await runAgent('debug-channel.mjs', {
    env: {
      VANTIO_API_KEY: newApiKey(),
      VANTIO_OUTPUT_FILE: join(scratch(), 'no-such-directory', 'ledger.ndjson'),
    },
  });
  assert.deepEqual([ran.code, ran.stderr], [0, '']);
  assert.deepEqual(JSON.parse(ran.stdout), [
    { what: 'VANTIO_OUTPUT_FILE cannot be written', code: 'ENOENT' },
  ]);
});
