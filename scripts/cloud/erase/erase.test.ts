import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { openDatabase } from '../../../functions/dist/cloud/spanner/open-database.js';
import { skip } from '../../../functions/dist/cloud/testing/emulated.js';
import { createEmitter, ndjson } from '../../../functions/dist/testing/emitter.js';
import { createHouse, post } from '../../../functions/dist/testing/local.js';
import { namedEvents } from '../../../functions/dist/testing/named-events.js';
import { vantio } from '../../e2e/run.ts';
import { keyFileOf } from '../import/local-ledger.ts';

type TestContext = Parameters<typeof createHouse>[0];

const EVENTS = 30;

/** The cloud on this machine, in a process of its own, with the events of two tenants in its ledger. */
async function cloudWith(t: TestContext) {
  const house = createHouse(t);
  const acme = house.key('acme');
  const globex = house.key('globex');
  const child = spawn(process.execPath, ['scripts/cloud/mirror.ts', house.stateDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => child.kill('SIGTERM'));
  const [first] = (await once(child.stdout, 'data')) as [Buffer];
  const { url, database: path } = JSON.parse(first.toString());
  const database = await openDatabase({ path, role: undefined, concurrency: 1 });
  t.after(() => database.close());
  const count = async (from: string): Promise<number> => {
    const [rows] = await database.run({ sql: `SELECT COUNT(*) AS N FROM ${from}`, json: true });
    return (rows as unknown as readonly { readonly N: number }[])[0]?.N ?? 0;
  };
  /** Pub/Sub and the writer take their time. */
  const until = async (from: string, wanted: number): Promise<void> => {
    while ((await count(from)) < wanted) await sleep(100);
    assert.equal(await count(from), wanted);
  };
  const events = new Map<string, readonly string[]>();
  for (const [tenant, key] of Object.entries({ acme, globex })) {
    const emitter = createEmitter(key);
    const start = emitter.start();
    const named = namedEvents(emitter, EVENTS);
    events.set(
      tenant,
      named.map(({ record }) => record.event_id),
    );
    assert.equal((await post(url, key, ndjson([start, ...named]))).status, 202);
  }
  await until('Disclosures', 2 * EVENTS);
  const keyFiles = {
    acme: keyFileOf(house.directory, 'acme', acme),
    control: keyFileOf(house.directory, 'control', house.controlKey()),
  };
  const args = ['erase', '--database', path];
  const door = (ingest = url): readonly string[] => [
    '--ingest-url',
    ingest,
    '--key-file',
    keyFiles.control,
  ];
  const erase = (...more: readonly string[]) => vantio(...args, '--json', ...more);
  return { ...house, path, url, count, until, events, keyFiles, args, door, erase };
}

const of = (tenant: string): string => `Disclosures WHERE TenantId = '${tenant}'`;
const TOMBSTONES = "TrueTimeLedger WHERE EventType = 'erasure'";

/** Lets something happen between ingest's answer and whoever waits for it. */
async function frontOf(t: TestContext, url: string, answered: () => void): Promise<string> {
  const listener: RequestListener = async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { authorization = '' } = request.headers;
    const { status } = await fetch(`${url}${request.url}`, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/x-ndjson' },
      body: Buffer.concat(chunks),
    });
    answered();
    response.writeHead(status).end();
  };
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('values are deleted from the cloud ledger, recorded there first, and verify says how many', {
  skip,
}, async (t) => {
  const { directory, count, until, events, keyFiles, path, door, erase } = await cloudWith(t);
  const [one = ''] = events.get('acme') ?? [];
  const dry = await erase('--tenant', 'acme', '--dry-run');
  assert.deepEqual(JSON.parse(dry.stdout), { dry_run: true, values: EVENTS, recorded: 0 });
  const unreachable = await erase('--tenant', 'acme', ...door('http://127.0.0.1:9'));
  assert.equal(unreachable.status, 1);
  assert.match(
    unreachable.stderr,
    /after 0 values the erasure broke off.*ingest cannot be reached/,
  );
  const nobody = await erase(
    '--tenant',
    'acme',
    '--event',
    events.get('globex')?.[0] ?? '',
    ...door(),
  );
  assert.equal(JSON.parse(nobody.stdout).values, 0);
  const early = await erase('--tenant', 'acme', '--before', '2020-01-01T00:00:00Z', ...door());
  assert.equal(JSON.parse(early.stdout).values, 0);
  assert.equal(await count('Disclosures'), 2 * EVENTS);

  const single = await erase('--tenant', 'acme', '--event', one, ...door());
  assert.equal(single.status, 0, single.stderr);
  assert.deepEqual(JSON.parse(single.stdout), { dry_run: false, values: 1, recorded: 1 });
  assert.equal(await count(`${of('acme')} AND EventId = '${one}'`), 0);
  const rest = await erase('--tenant', 'acme', '--field', 'agent_name', ...door());
  assert.equal(JSON.parse(rest.stdout).values, EVENTS - 1);
  assert.equal(await count(of('acme')), 0);
  assert.equal(await count(of('globex')), EVENTS);
  await until(TOMBSTONES, EVENTS);

  // Records of the tenant, then of the operator, whose session tells of the erasures.
  const [own, operators] = [join(directory, 'acme.ndjson'), join(directory, 'vantio.ndjson')];
  for (const [key, out] of [
    [keyFiles.acme, own],
    [keyFiles.control, operators],
  ] as const) {
    const given = await vantio('export', '--database', path, '--key-file', key, '--out', out);
    assert.equal(given.status, 0, given.stderr);
  }
  const keys = Object.values(keyFiles).flatMap((file) => ['--key-file', file]);
  const { stdout } = await vantio('verify', own, operators, ...keys, '--json');
  const { wrong, values } = JSON.parse(stdout);
  assert.deepEqual(wrong, {});
  assert.deepEqual([values.disclosed, values.erased, values.missing], [0, EVENTS, 0]);
  assert.ok(!readFileSync(own, 'utf8').includes('agent 1'));
});

test('killed between the records and the deletion, it is finished by the same command', {
  skip,
}, async (t) => {
  const { url, count, until, args, door, erase } = await cloudWith(t);
  let victim: ReturnType<typeof spawn> | undefined;
  const front = await frontOf(t, url, () => victim?.kill('SIGKILL'));
  const command = ['sdk/cli/bin/vantio.js', ...args, '--tenant', 'acme', ...door(front)];
  victim = spawn(process.execPath, command, { stdio: 'ignore' });
  const [, signal] = await once(victim, 'exit');
  assert.equal(signal, 'SIGKILL');
  assert.equal(await count(of('acme')), EVENTS, 'nothing is deleted');
  await until(TOMBSTONES, EVENTS);
  victim = undefined;
  const again = await erase('--tenant', 'acme', ...door(front));
  assert.equal(again.status, 0, again.stderr);
  assert.equal(JSON.parse(again.stdout).values, EVENTS);
  assert.equal(await count(of('acme')), 0);
  await until(`(SELECT DISTINCT SubjectEventId FROM ${TOMBSTONES})`, EVENTS);
});
