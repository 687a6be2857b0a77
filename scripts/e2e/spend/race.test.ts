import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { createKey, publishPolicy, startLocal } from '@vantio/functions/local';
import { parseLedgerLine } from '@vantio/schema/ledger-line';
import { wrapPolicy } from '@vantio/schema/policy/signed-policy';

const PROCESSES = 64;
const LIMIT = 60_000;
/** These are killed after their first answer, with whatever they have leased. */
const KILLED = 8;
const PRICE = { input: 1_000_000, output: 1_000_000 };

/** A provider that counts for itself what it was asked for: what it says was used is what it costs, a micro-dollar a token. */
async function serveProvider(onAnswer: (cost: number) => void) {
  let turn = 0;
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      const used = { prompt_tokens: 10, completion_tokens: 20 + (turn++ % 80) };
      onAnswer(used.prompt_tokens + used.completion_tokens);
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ model: 'm', choices: [], usage: used }));
    });
  });
  await new Promise<void>((started) => server.listen(0, '127.0.0.1', started));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, close: () => server.close() };
}

test(`${PROCESSES} processes that race at a cap stay within it, also when some of them are killed`, async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'vantio-race-'));
  const [stateDir, outputFile] = [join(directory, 'state'), join(directory, 'audit.ndjson')];
  const plane = await startLocal({
    outputFile,
    stateDir,
    port: 0,
    rateLimit: 1e6,
    appendOnly: false,
  });
  const caps = [
    { id: 'race', window: 'month', scope: 'key', limit_microusd: LIMIT, on_unavailable: 'closed' },
  ];
  publishPolicy(
    stateDir,
    wrapPolicy({ v: 1, version: 1, spend: { caps, prices: { m: PRICE } } }, 'acme'),
  );
  const apiKey = createKey(stateDir, { tenantId: 'acme', plan: 'local' });
  let spent = 0;
  const provider = await serveProvider((cost) => {
    spent += cost;
  });
  t.after(async () => {
    provider.close();
    await plane.close();
    rmSync(directory, { recursive: true, force: true });
  });

  // The policy is known from an earlier run: what is called before the first policy has come is not counted.
  const spool = join(directory, 'spool');
  await ended(start(provider.url, plane.url, apiKey, spool, 1));

  const said = await Promise.all(
    Array.from({ length: PROCESSES }, async (_, at) => {
      const child = start(provider.url, plane.url, apiKey, spool);
      if (at < KILLED) child.stdout?.once('data', () => child.kill('SIGKILL'));
      return ended(child);
    }),
  );

  const finished = said.flatMap(lastOf);
  assert.ok(finished.length >= PROCESSES - KILLED, `${finished.length} have finished`);
  for (const { code } of finished) assert.equal(code, 'BLOCKED_SPEND');
  assert.ok(spent <= LIMIT, `${spent} of ${LIMIT} were spent`);
  assert.ok(spent > LIMIT / 2, `${spent} of ${LIMIT} were spent: leases are not given back`);
  await plane.close();
  const leases = readFileSync(outputFile, 'utf8')
    .split('\n')
    .filter((line) => line.includes('"event_type":"spend_lease"'))
    .map((line) => parseLedgerLine(line).record);
  assert.ok(leases.length >= finished.length / 2);
  for (const { spend_limit_microusd, subject_key_id } of leases)
    assert.deepEqual([spend_limit_microusd, subject_key_id], [LIMIT, leases[0]?.subject_key_id]);
});

/** What a process said at its end, if it came to it. */
function lastOf(text: string): readonly Said[] {
  const line = text.split('\n').findLast((part) => part.startsWith('{'));
  return line === undefined ? [] : [JSON.parse(line) as Said];
}

type Said = { readonly answered: number; readonly code: string };

function start(
  url: string,
  planeUrl: string,
  apiKey: string,
  spool: string,
  most = 10_000,
): ChildProcess {
  const args = ['--require', resolve('sdk/node/dist/register.cjs'), 'scripts/e2e/spend/agent.mjs'];
  return spawn(process.execPath, [...args, url, String(most)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      PATH: process.env.PATH,
      VANTIO_CLOUD_INGEST: 'true',
      VANTIO_API_KEY: apiKey,
      VANTIO_INGEST_URL: planeUrl,
      VANTIO_SPOOL_DIR: spool,
    },
  });
}

async function ended(child: ChildProcess): Promise<string> {
  let text = '';
  child.stdout?.setEncoding('utf8').on('data', (part: string) => {
    text += part;
  });
  await once(child, 'close');
  return text;
}
