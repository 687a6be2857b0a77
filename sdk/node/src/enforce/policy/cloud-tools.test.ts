import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { newApiKey } from '../../testing/keys.ts';
import { scratch } from '../../testing/run-agent.ts';
import { none, type Serve, served, startControlPlane, TRUST } from '../testing/control-plane.ts';
import { linesOf, runEnforced } from '../testing/run-enforced.ts';
import { callTools } from '../testing/tool-servers.ts';

const POLICY = { v: 1, version: 5, tools: { blocked: ['delete*'] } };
const SDK = '@modelcontextprotocol/sdk';

const cloudEnv = (url: string, more: Readonly<Record<string, string>> = {}) => ({
  VANTIO_CLOUD_INGEST: 'true',
  VANTIO_INGEST_URL: url,
  VANTIO_TRUST: TRUST,
  ...more,
});

const late =
  (policy: object): Serve =>
  (response) =>
    void setTimeout(served(policy), 900, response, 0);

test('what is written to a server before the first policy has come waits for it, in order', async () => {
  const plane = await startControlPlane(late(POLICY));
  const log = join(scratch(), 'lines');
  writeFileSync(log, '');
  const ways = ['at once', 'at once and ended'];
  const ran = await runEnforced('enforced/pipes.mjs', undefined, {
    args: [JSON.stringify({ ways, log })],
    env: cloudEnv(plane.url),
  });
  plane.close();
  const [came] = linesOf<Record<string, { answers: Record<string, unknown> }>>(ran);
  assert.deepEqual(Object.keys(came?.['at once']?.answers ?? {}), ['hello', '1', '2'].sort());
  assert.match(JSON.stringify(came?.['at once']?.answers[1]), /BLOCKED_TOOL/);
  assert.equal(came?.['at once']?.answers[2], 'echo');
  assert.ok(!readFileSync(log, 'utf8').includes('delete'));
});

test('clients of the official SDK wait for the first policy as for a slow server', async () => {
  const plane = await startControlPlane(late(POLICY));
  const { said, reached, ran } = await callTools(undefined, {
    clients: { stdio: [SDK, 'esm', 'stdio'], http: [SDK, 'esm', 'mcp'] },
    calls: [
      ['callTool', 'delete_all'],
      ['callTool', 'echo', { text: 'hi' }],
    ],
    env: cloudEnv(plane.url),
  });
  plane.close();
  assert.deepEqual(
    said.map(({ code, text }) => code ?? text),
    ['BLOCKED_TOOL', 'hi', 'BLOCKED_TOOL', 'hi'],
    ran.stderr,
  );
  assert.deepEqual(reached, ['echo', 'echo']);
});

test('where the control plane has no policy tools are only seen', async () => {
  const plane = await startControlPlane(none);
  const { said } = await callTools(undefined, {
    clients: { stdio: [SDK, 'esm', 'stdio'], http: [SDK, 'esm', 'mcp'] },
    calls: [['callTool', 'echo', { text: 'hi' }]],
    env: cloudEnv(plane.url),
  });
  plane.close();
  assert.deepEqual(
    said.map(({ text }) => text),
    ['hi', 'hi'],
  );
  const records = plane.records().filter(({ event_type }) => event_type === 'mcp_tool_call');
  assert.deepEqual(
    records.map(({ action_taken, mcp_server, outcome }) => [action_taken, mcp_server, outcome]),
    [
      ['OBSERVED', 'test-server', 'ok'],
      ['OBSERVED', 'test-server', 'ok'],
    ],
  );
});

test('while policy cannot be had only a closed rule holds of tools, and what it denies is recorded', async () => {
  const rule = { id: 'no-deletes', tool: 'delete_*', on_unavailable: 'closed' };
  const policy = {
    v: 1,
    version: 5,
    max_age: 1,
    stale_if_error: 0,
    tools: { blocked: [rule, 'echo'] },
  };
  const again = { VANTIO_SPOOL_DIR: scratch(), VANTIO_API_KEY: newApiKey() };
  const plane = await startControlPlane((response, asked) =>
    asked === 0 ? served(policy)(response, asked) : void response.writeHead(500).end(),
  );
  const call = () =>
    callTools(undefined, {
      clients: { stdio: [SDK, 'esm', 'stdio'] },
      calls: [
        ['callTool', 'delete_all'],
        ['callTool', 'echo', { text: 'hi' }],
      ],
      env: cloudEnv(plane.url, again),
    });
  const fresh = await call();
  assert.deepEqual(
    fresh.said.map(({ code }) => code),
    ['BLOCKED_TOOL', 'BLOCKED_TOOL'],
  );
  await new Promise((resolve) => setTimeout(resolve, 1500));
  const gone = await call();
  plane.close();
  assert.deepEqual(
    gone.said.map(({ code, text }) => code ?? text),
    ['BLOCKED_UNAVAILABLE', 'hi'],
  );
  assert.deepEqual(gone.reached, ['echo']);
  const records = plane
    .records()
    .filter(({ event_type, pid }) => event_type === 'mcp_tool_call' && pid === gone.ran.pid);
  assert.deepEqual(
    records.map(({ action_taken, rule_id }) => [action_taken, rule_id]),
    [
      ['BLOCKED_TOOL', 'no-deletes'],
      ['ALLOWED', undefined],
    ],
  );
});
