import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runAgent, scratch } from '../testing/run-agent.ts';
import { type Serve, served, startControlPlane, TRUST } from './testing/control-plane.ts';
import { startModelServer } from './testing/model-server.ts';
import { CLIENTS, REGISTER } from './testing/run-enforced.ts';
import { startSmall } from './testing/small-servers.ts';

const PRICE = { input: 1_000_000, output: 1_000_000 };
const CAP = { id: 'cap', window: 'day', scope: 'key', limit_microusd: 1, on_unavailable: 'closed' };

for (const way of ['undici6', 'undici'])
  test(`the first requests of an agent of the program's own wait for the first policy: ${way}`, async () => {
    const [provider, blocked] = [await startModelServer(), await startSmall()];
    const policy = {
      v: 1,
      version: 1,
      blocked_hosts: [`127.0.0.1:${blocked.port}`],
      models: { blocked: ['model-x'] },
      redact_pii: { entities: ['email'] },
      spend: { caps: [{ ...CAP, models: ['model-2'] }], prices: { 'model-2': PRICE } },
    };
    const late: Serve = (response) => void setTimeout(served(policy), 700, response, 0);
    const plane = await startControlPlane(late);
    const messages = [{ role: 'user', content: 'Write to alice@example.com' }];
    // All are under way before the policy comes.
    const calls = [
      { way, more: { messages } },
      { way, model: 'model-x' },
      { way, model: 'model-2' },
      { way, base: `http://127.0.0.1:${blocked.port}` },
    ];
    const ran = await runAgent('enforced/spends.mjs', {
      args: [JSON.stringify({ url: provider.url, calls, atOnce: true })],
      nodeArgs: ['--no-warnings'],
      env: {
        NODE_OPTIONS: `--require=${REGISTER}`,
        VANTIO_CLOUD_INGEST: 'true',
        VANTIO_API_KEY: plane.apiKey,
        VANTIO_INGEST_URL: plane.url,
        VANTIO_SPOOL_DIR: scratch(),
        VANTIO_TRUST: TRUST,
        CLIENTS,
      },
    });
    plane.close();
    provider.close();
    assert.equal(ran.code, 0, ran.stderr);
    const said = JSON.parse(ran.stdout) as readonly { status?: number; code?: string }[];
    assert.deepEqual(
      said.map(({ status, code }) => status ?? code),
      [200, 'BLOCKED_MODEL', 'BLOCKED_UNAVAILABLE', 'BLOCKED_HOST'],
    );
    assert.deepEqual([provider.asked(), blocked.connections], [1, 0]);
    const records = plane.records();
    const redacted = records.filter(({ action_taken }) => action_taken === 'REDACTED');
    assert.deepEqual(
      redacted.map(({ redactions }) => redactions),
      [{ email: 1 }],
    );
    assert.equal(records.filter(({ action_taken }) => /^BLOCKED_/.test(action_taken)).length, 3);
  });
