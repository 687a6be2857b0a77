import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { ledgerDdl } from '@vantio/schema/spanner/ledger-ddl';
import { createLedgerDatabase } from '../../../functions/dist/cloud/mirror/create-ledger-database.js';
import { createLedger, skip } from '../../../functions/dist/cloud/testing/emulated.js';
import { type Ran, vantio } from '../../e2e/run.ts';
import {
  disclosuresOf,
  keysOf,
  type LocalLedger,
  makeLocalLedger,
  textOf,
} from './local-ledger.ts';

const CONFLICT = ['--accept', 'conflict'] as const;

async function database() {
  const { path, database: client } = await createLedger();
  const rows = async <Row>(sql: string): Promise<readonly Row[]> => {
    const [found] = await client.run({ sql, json: true });
    return found as unknown as readonly Row[];
  };
  const take = (ledger: LocalLedger, ...more: readonly string[]): Promise<Ran> =>
    vantio('import', ledger.file, '--database', path, ...keysOf(ledger), ...more);
  const give = (key: string, out: string, ...more: readonly string[]): Promise<Ran> =>
    vantio('export', '--database', path, '--key-file', key, '--out', out, ...more);
  return { path, rows, take, give, close: () => client.close() };
}

/** The lines of a chain, as the database has them. */
const CHAIN = (id: string): string => `SELECT CONCAT(
    '{"received_at":"', FORMAT_TIMESTAMP('%Y-%m-%dT%H:%M:%E6SZ', i.ReceivedAt, 'UTC'),
    '","received_mac":"', i.ReceivedMac, '","record":', l.Record, ',"record_mac":"', l.RecordMac, '"}') AS Line
  FROM ImportedLines AS i JOIN TrueTimeLedger AS l
    ON l.TenantId = i.TenantId AND l.TraceId = i.TraceId AND l.EventId = i.EventId AND l.RecordHash = i.RecordHash
  WHERE i.ChainId = '${id}' ORDER BY i.LineNumber`;

test('a local ledger, rotated and of two writers, is in the database to the byte, once', {
  skip,
}, async (t) => {
  const ledger = await makeLocalLedger(t);
  const { rows, take, close } = await database();
  t.after(close);
  assert.ok((ledger.chains[0]?.length ?? 0) > 2, 'it has rotated files');

  const refused = await take(ledger);
  assert.equal(refused.status, 1);
  assert.match(refused.stderr, /\.w-[0-9a-f]{16}\.ndjson:2: conflict: seq .*--accept conflict/);
  assert.deepEqual(await rows('SELECT 1 AS N FROM TrueTimeLedger'), []);

  const dry = await take(ledger, ...CONFLICT, '--dry-run', '--json');
  const said = await take(ledger, ...CONFLICT, '--json', '--record-key', ledger.control);
  assert.equal(said.status, 0, said.stderr);
  const { lines, records, duplicates, disclosures, chains, import_records } = JSON.parse(
    said.stdout,
  );
  assert.equal(JSON.parse(dry.stdout).lines, lines);
  assert.equal(records + duplicates, lines);
  assert.equal(duplicates, 41, 'the batch that two writers took');
  const files = ledger.chains.flat();
  assert.equal(disclosures, new Set(disclosuresOf(files)).size);
  assert.equal(import_records.length, chains.length);

  const all = new Set<string>(chains.map(({ chain_id }: { chain_id: string }) => chain_id));
  const texts = await Promise.all(
    [...all].map(async (id) =>
      (await rows<{ Line: string }>(CHAIN(id))).map(({ Line }) => `${Line}\n`).join(''),
    ),
  );
  assert.deepEqual(texts.sort(), ledger.chains.map(textOf).sort());

  const again = await take(ledger, ...CONFLICT, '--json', '--record-key', ledger.control);
  assert.equal(again.status, 0, again.stderr);
  assert.deepEqual(
    { ...JSON.parse(again.stdout), files: 0, chains: 0 },
    {
      dry_run: false,
      files: 0,
      lines,
      already: lines,
      records: 0,
      duplicates: 0,
      disclosures: 0,
      chains: 0,
      import_records: [],
    },
  );
});

test('exported, imported into an empty database, and exported again, it is the same bytes', {
  skip,
}, async (t) => {
  const ledger = await makeLocalLedger(t);
  const [one, two] = [await database(), await database()];
  t.after(async () => {
    await one.close();
    await two.close();
  });
  assert.equal((await one.take(ledger, ...CONFLICT)).status, 0);
  for (const key of [ledger.acme, ledger.globex]) {
    const [first, second] = [`${key}.first.ndjson`, `${key}.second.ndjson`];
    const written = await one.give(key, first, '--json');
    assert.equal(written.status, 0, written.stderr);
    const { records, disclosures } = JSON.parse(written.stdout);
    const verified = await vantio('verify', first, '--key-file', key, '--json');
    assert.equal(verified.status, 0, verified.stdout);
    assert.equal(JSON.parse(verified.stdout).verified, records);
    const taken = await two.take({ ...ledger, file: first });
    assert.equal(taken.status, 0, taken.stderr);
    assert.equal((await two.give(key, second)).status, 0);
    assert.equal(readFileSync(second, 'utf8'), readFileSync(first, 'utf8'));
    assert.deepEqual(disclosuresOf([second]), disclosuresOf([first]));
    assert.equal(disclosuresOf([first]).length, disclosures);
    assert.ok(disclosures > 20);
    const bare = `${key}.bare.ndjson`;
    assert.equal((await two.give(key, bare, '--no-disclosures')).status, 0);
    assert.equal(readFileSync(bare, 'utf8'), readFileSync(first, 'utf8'));
    assert.equal(existsSync(`${key}.bare.disclosures.ndjson`), false);
  }
});

test('an import that is killed goes on where it was', { skip }, async (t) => {
  const ledger = await makeLocalLedger(t, 300);
  const { path, rows, take, close } = await database();
  t.after(close);
  const lines = async (): Promise<number> =>
    (await rows<{ N: number }>('SELECT COUNT(*) AS N FROM ImportedLines'))[0]?.N ?? 0;
  const args = ['import', ledger.file, '--database', path, ...keysOf(ledger), ...CONFLICT];
  const child = spawn(process.execPath, ['sdk/cli/bin/vantio.js', ...args], { stdio: 'ignore' });
  const ended = once(child, 'exit');
  while ((await lines()) === 0 && child.exitCode === null) await sleep(20);
  child.kill('SIGKILL');
  await ended;
  const before = await lines();
  const { status, stdout, stderr } = await take(ledger, ...CONFLICT, '--json');
  assert.equal(status, 0, stderr);
  const said = JSON.parse(stdout);
  assert.ok(before > 0 && before < said.lines, `killed after ${before} of ${said.lines} lines`);
  assert.equal(said.already, before);
  assert.equal(await lines(), said.lines);
  const records = await rows<{ N: number }>('SELECT COUNT(*) AS N FROM TrueTimeLedger');
  assert.equal(records[0]?.N, said.lines - 301, 'each record once, and two lines of 301 of them');
});

test('a ledger that grew is imported to its new end', { skip }, async (t) => {
  const ledger = await makeLocalLedger(t);
  const [, [second = ''] = []] = ledger.chains;
  const whole = readFileSync(second, 'utf8').split('\n').slice(0, -1);
  const { rows, close, path } = await database();
  t.after(close);
  const part = join(ledger.directory, 'part.ndjson');
  copyFileSync(
    second.replace('.ndjson', '.disclosures.ndjson'),
    part.replace('.ndjson', '.disclosures.ndjson'),
  );
  const take = async (lines: readonly string[]) => {
    writeFileSync(part, `${lines.join('\n')}\n`);
    const args = [part, '--database', path, ...keysOf(ledger), '--json'];
    return vantio('import', ...args, '--accept', 'disclosure', '--accept', 'gap');
  };
  const first = await take(whole.slice(0, 20));
  assert.equal(first.status, 0, first.stderr);
  const grown = await take(whole);
  assert.equal(grown.status, 0, grown.stderr);
  assert.equal(JSON.parse(grown.stdout).already, 20);
  const ends = await rows<{ N: number }>('SELECT DISTINCT ChainLines AS N FROM Imports ORDER BY N');
  assert.deepEqual(
    ends.map(({ N }) => N),
    [20, whole.length],
  );
});

test('what is wrong with a ledger or a command is one sentence that names it, and nothing is inserted', {
  skip,
}, async (t) => {
  const ledger = await makeLocalLedger(t);
  const { path, rows, take, give, close } = await database();
  t.after(close);
  const complain = async (ran: Promise<Ran>, status: number, words: RegExp): Promise<void> => {
    const { status: was, stdout, stderr } = await ran;
    assert.equal(was, status, `${stdout}${stderr}`);
    assert.match(stderr, words);
    assert.equal(stderr.trimEnd().split('\n').length, 1, stderr);
    assert.equal(stdout, '');
  };
  const importing = (...args: readonly string[]) => vantio('import', '--database', path, ...args);
  await complain(
    importing(ledger.file, '--key-file', ledger.acme, ...CONFLICT),
    1,
    /audit\.000001\.ndjson:1: mac: key_id MAC unmeasured: no key [0-9a-f]{16} was named.*nothing was done/,
  );
  await complain(importing(`${ledger.directory}/none.ndjson`), 2, /none\.ndjson does not exist/);
  await complain(take(ledger, '--accept', 'mac'), 2, /--accept takes gap, conflict, .*never taken/);
  await complain(
    vantio('import', ledger.file, '--database', 'vantio', ...keysOf(ledger)),
    2,
    /--database wants projects\/P\/instances\/I\/databases\/D/,
  );
  await complain(
    vantio('import', ledger.file, '--database', `${path}x`, ...keysOf(ledger), ...CONFLICT),
    2,
    /the database cannot be written \(gRPC code 5\): there is no such database/,
  );
  const [older = ''] = ledgerDdl().split('-- migration 2:');
  await complain(
    vantio(
      'import',
      ledger.file,
      '--database',
      await createLedgerDatabase('vantio-local', older),
      ...keysOf(ledger),
      ...CONFLICT,
    ),
    2,
    /the database cannot be written \(gRPC code \d+\): .*apply the migrations/,
  );
  await complain(take(ledger, '--record-key', 'none.key'), 2, /key file none\.key cannot be read/);
  await complain(
    importing(ledger.chains[0]?.[0] ?? '', ...keysOf(ledger), '--bad'),
    2,
    /unknown option '--bad'/,
  );

  const [rotated = '', later = ''] = ledger.chains[0] ?? [];
  const flipped = join(ledger.directory, 'flipped.ndjson');
  const text = readFileSync(rotated, 'utf8').split('\n');
  text[2] = text[2]?.replace('"received_at":"2', '"received_at":"3') ?? '';
  writeFileSync(flipped, text.join('\n'));
  await complain(
    importing(flipped, ...keysOf(ledger)),
    1,
    /flipped\.ndjson:3: received_mac: received_mac does not hold.*nothing was done/,
  );
  await complain(
    importing(later, ...keysOf(ledger), '--accept', 'gap', '--accept', 'disclosure'),
    1,
    /audit\.000002\.ndjson:1: segment: .*files before this one were not given.*rotated files/,
  );
  appendFileSync(flipped, '{"torn');
  await complain(importing(flipped, ...keysOf(ledger), '--accept', 'gap'), 1, /nothing was done/);
  assert.deepEqual(await rows('SELECT 1 AS N FROM TrueTimeLedger LIMIT 1'), []);

  await complain(give(ledger.acme, 'out.txt'), 2, /--out wants a file name that ends in \.ndjson/);
  await complain(give(ledger.acme, ledger.file), 2, /exists; an export never writes over a file/);
  await complain(
    give(ledger.acme, `${ledger.directory}/no/out.ndjson`),
    2,
    /out\.ndjson cannot be written \(ENOENT\)/,
  );
});
