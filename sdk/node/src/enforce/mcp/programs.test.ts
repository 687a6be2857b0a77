import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { readLedger } from '../../testing/ledger.ts';
import { fixturePath, scratch } from '../../testing/run-agent.ts';
import { CLIENTS, linesOf, runEnforced } from '../testing/run-enforced.ts';
import { callTools, toolRecords } from '../testing/tool-servers.ts';

for (const how of ['and exits', 'and is killed'])
  test(`a call that is not answered when the process calls ${how} is recorded as open`, async () => {
    const directory = scratch();
    const { reached } = await callTools(
      {},
      {
        clients: { stdio: ['@modelcontextprotocol/sdk', 'esm', 'stdio'] },
        calls: [[how, 'endless']],
        env: { VANTIO_OUTPUT_FILE: join(directory, 'ledger.ndjson') },
      },
    );
    assert.deepEqual(reached, ['endless']);
    const records = toolRecords({ records: readLedger(directory) });
    assert.deepEqual(
      records.map(({ tool_name, outcome, action_taken }) => [tool_name, outcome, action_taken]),
      [['endless', 'open', 'ALLOWED']],
    );
  });

const APP = `
  import { Client } from '@modelcontextprotocol/sdk/client/index.js';
  import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
  const client = new Client({ name: 'app', version: '1' });
  const args = [process.env.SERVER, 'stdio', '/dev/null'];
  const env = { CLIENTS: process.env.CLIENTS };
  client
    .connect(new StdioClientTransport({ command: process.execPath, args, env }))
    .then(() => client.callTool({ name: 'delete_all' }))
    .catch(({ code }) => ({ code }))
    .then(async (came) => {
      console.log(JSON.stringify(came));
      await client.close();
    });
`;

for (const format of ['cjs', 'esm'] as const)
  test(`a program that was bundled and minified, as ${format}, is held to policy as any`, async () => {
    const outfile = join(scratch(), format === 'cjs' ? 'app.cjs' : 'app.mjs');
    await build({
      stdin: { contents: APP, resolveDir: fileURLToPath(new URL('.', `file://${CLIENTS}`)) },
      banner:
        format === 'cjs'
          ? {}
          : { js: `import{createRequire}from'node:module';const require=createRequire('/');` },
      ...{ outfile, format, bundle: true, minify: true, platform: 'node', logLevel: 'error' },
    });
    const policy = { v: 1, version: 1, tools: { blocked: ['delete_*'] } };
    const ran = await runEnforced(outfile, policy, {
      env: { SERVER: fixturePath('enforced/mcp-server.mjs') },
    });
    assert.deepEqual(linesOf(ran), [{ code: 'BLOCKED_TOOL' }], ran.stderr);
    const [record] = toolRecords(ran);
    assert.deepEqual([record?.action_taken, record?.mcp_server], ['BLOCKED_TOOL', 'test-server']);
  });
