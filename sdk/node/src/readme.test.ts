import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { policyFile } from './enforce/testing/run-enforced.ts';
import { assertWholeChains, ofType } from './testing/chain.ts';
import { startIngest } from './testing/ingest.ts';
import { newApiKey } from './testing/keys.ts';
import { sdk } from './testing/sdk.ts';

const ROOM = fileURLToPath(new URL('../', import.meta.url));
const README = readFileSync(join(ROOM, 'README.md'), 'utf8');
const SNIPPETS = [...README.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map(
  ([, language, text = '']) => ({ language, text }),
);
const TRACE = '0af7651916cd43dd8448eb211c80319c';

/** The cells of the first column of the table under a heading. */
function firstColumn(heading: string): readonly string[] {
  const section = README.split(/^## /m).find((text) => text.startsWith(`${heading}\n`)) ?? '';
  const rows = [...section.matchAll(/^\| (`.*?) \|/gm)];
  return rows.flatMap(([, cell = '']) =>
    [...cell.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code),
  );
}

/** Runs code in the package's own folder, so that it finds the package by its name, as a user's program would. */
async function runModule(code: string, env: Readonly<Record<string, string>> = {}) {
  const ingest = await startIngest();
  const args = ['--input-type=module', '--eval', code];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, args, {
    cwd: ROOM,
    env: {
      PATH: process.env.PATH,
      VANTIO_API_KEY: newApiKey(),
      VANTIO_INGEST_URL: ingest.url,
      ...env,
    },
  });
  await ingest.close();
  assert.equal(stderr, '');
  assertWholeChains(ingest.records());
  return { stdout, ingest, records: ingest.records() };
}

test('every snippet of the README is run by a test below', () => {
  assert.deepEqual(
    SNIPPETS.map(({ language }) => language),
    ['js', 'js', 'js', 'js'],
  );
});

test('README: the first snippet runs, and leaves a shield and a request in one trace', async () => {
  const answers = createServer((request, response) => {
    request.resume().on('end', () => response.end('On its way.'));
  });
  await new Promise<void>((resolve) => answers.listen(0, '127.0.0.1', resolve));
  const { port } = answers.address() as AddressInfo;
  const { stdout, records } = await runModule(SNIPPETS[0]?.text ?? '', {
    ANSWERS_URL: `http://127.0.0.1:${port}/`,
  });
  answers.close();
  answers.closeAllConnections();
  assert.equal(stdout, 'On its way.\n');
  const [shield] = ofType(records, 'shield_end');
  const [request] = ofType(records, 'http_request');
  assert.equal(request?.target_port, port);
  assert.equal(request?.span_id, shield?.span_id);
});

test('README: the second snippet continues a trace, hands it to a child and flushes', async () => {
  const call = `
    const traceparent = '00-${TRACE}-b7ad6b7169203331-01';
    const traceId = await handler({ headers: { traceparent }, attempts: 4 });
    process.stdout.write(traceId, () => process.kill(process.pid, 'SIGKILL'));`;
  const code = `${(SNIPPETS[1]?.text ?? '').replace('export async', 'async')}${call}`;
  const ingest = await startIngest();
  const args = ['--input-type=module', '--eval', code];
  const killed = promisify(execFile)(process.execPath, args, {
    cwd: ROOM,
    env: { PATH: process.env.PATH, VANTIO_API_KEY: newApiKey(), VANTIO_INGEST_URL: ingest.url },
  });
  const ended = await killed.catch((error: { signal: string; stdout: string }) => error);
  await ingest.close();
  assert.equal((ended as { signal: string }).signal, 'SIGKILL', 'frozen after the flush, for good');
  assert.equal(ended.stdout, `${TRACE}\n${TRACE}`);
  const types = ['anomaly', 'process_exec', 'shield_end'] as const;
  for (const type of types) {
    const [record] = ofType(ingest.records(), type);
    assert.equal(record?.trace_id, TRACE, type);
  }
});

test('README: the snippet on policy hands the reason of a refusal on', async () => {
  const client = `{ chat: { completions: { create: () => fetch('http://blocked.example/') } } }`;
  const snippet = (SNIPPETS[2]?.text ?? '').replace('export async', 'async');
  const code = `${snippet}\nconsole.log((await ask(${client}, [])).refused);`;
  const policy = { v: 1, version: 1, blocked_hosts: ['blocked.example'] };
  const { stdout } = await runModule(code, { VANTIO_POLICY_FILE: policyFile(policy) });
  assert.match(stdout, /^The host blocked\.example is blocked by policy .*Do not try/);
});

test('README: the snippet on MCP has tools recorded without a policy', async () => {
  const snippet = (SNIPPETS[3]?.text ?? '').replace('export async', 'async');
  const code = `${snippet}
    const transport = { send: async () => undefined };
    const message = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'search' } };
    const client = await connected({ connect: async () => undefined }, transport);
    await transport.send(message);`;
  const { records } = await runModule(code);
  const [call] = ofType(records, 'mcp_tool_call');
  assert.deepEqual(
    [call?.tool_name, call?.action_taken, call?.outcome],
    ['search', 'OBSERVED', 'open'],
  );
});

/** Each call of the README's table: what a program prints that makes it with the arguments the table names. */
const CALLS: Readonly<Record<string, readonly [code: string, prints: RegExp]>> = {
  'shield(fn)': ['(await shield(fn)(2))', /^[0-9a-f]{32} 2$/],
  'shield(name, fn)': ['(await shield(name, fn)(2))', /^[0-9a-f]{32} 2$/],
  'getCurrentTraceId()': ['getCurrentTraceId()', /^undefined$/],
  'reportAnomaly(code)': ['reportAnomaly(code)', /^undefined$/],
  'reportAnomaly(code, { severity })': ['reportAnomaly(code, { severity })', /^undefined$/],
  'childEnv()': ['shield(() => childEnv().TRACEPARENT)()', /^00-[0-9a-f]{32}-[0-9a-f]{16}-03$/],
  'childEnv(base)': [
    'shield(() => Object.keys(childEnv(base)))()',
    /^VANTIO_TRACE_ID,TRACEPARENT,A$/,
  ],
  'continueTrace(traceparent, fn)': [
    '(await continueTrace(traceparent, fn))',
    /^0af7.* undefined$/,
  ],
  'traceHeaders()': [
    'shield(() => traceHeaders().traceparent)()',
    /^00-[0-9a-f]{32}-[0-9a-f]{16}-03$/,
  ],
  'flush()': ['await flush()', /^undefined$/],
  'shutdown()': ['await shutdown()', /^undefined$/],
  'getPolicy()': ['getPolicy()', /^undefined$/],
  'explain(error)': ['explain(error)', /^undefined$/],
  'guardBedrock(client)': ['guardBedrock(client).name', /^client$/],
  'guardMcp(client)': ['guardMcp(client).name', /^client$/],
  VantioBlockedError: ['VantioBlockedError.name', /^VantioBlockedError$/],
};

test("README: the table of calls is all that the package has, and each call does what it's said to", async () => {
  const calls = firstColumn('What it does');
  assert.deepEqual(calls, Object.keys(CALLS));
  for (const call of calls) assert.ok(CALLS[call]?.[0].includes(call), `${call} is what is run`);
  assert.deepEqual(
    new Set(calls.map((call) => call.replace(/\(.*/, ''))),
    new Set(Object.keys(sdk)),
  );
  const { stdout, ingest, records } = await runModule(`
    import * as sdk from '@vantio/agent-sdk';
    const { ${Object.keys(sdk).join(', ')} } = sdk;
    const fn = async (argument) => \`\${getCurrentTraceId()} \${argument}\`;
    const name = 'table';
    const code = 'odd.thing';
    const severity = 'high';
    const error = new Error('another');
    const client = { name: 'client', connect: async () => undefined };
    const base = { A: '1', TRACEPARENT: 'old' };
    const traceparent = '00-${TRACE}-b7ad6b7169203331-01';
    ${calls.map((call) => `console.log(String(${CALLS[call]?.[0]}));`).join('\n')}`);
  stdout
    .trimEnd()
    .split('\n')
    .forEach((line, at) => {
      assert.match(line, CALLS[calls[at] ?? '']?.[1] ?? /^$/, calls[at]);
    });
  const anomalies = ofType(records, 'anomaly').map(({ severity }) => severity);
  assert.deepEqual(anomalies, ['medium', 'high']);
  const names = ingest.envelopes.flatMap(({ disclosures }) =>
    disclosures.map(({ value }) => value),
  );
  assert.deepEqual(names, ['table']);
  assert.equal(records.at(-1)?.end_reason, 'shutdown');
});

test('README: the table of variables is what the code reads', () => {
  const code = ['core.cjs', 'enforce.cjs', 'register.cjs', 'register.mjs']
    .map((file) => readFileSync(join(ROOM, 'dist', file), 'utf8'))
    .join('\n');
  const inCode = [...code.matchAll(/\benv\d?\.([A-Z][A-Z0-9_]+)|["']([A-Z]+_PROXY)["']/g)];
  const read = new Set(inCode.map(([, name, proxy]) => name ?? proxy));
  const table = firstColumn('Environment').map((cell) => cell.replace(/=.*/, ''));
  // Node itself reads this one.
  assert.deepEqual(new Set(table), read.add('NODE_EXTRA_CA_CERTS'));
});

test('README: every file that it links to is there', () => {
  for (const [, link = ''] of README.matchAll(/\]\(([^)#:]+)\)/g))
    assert.ok(readFileSync(join(ROOM, link)), link);
});
