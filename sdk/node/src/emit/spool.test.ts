import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readApiKey } from '@vantio/schema';
import { assertWholeChains, ofType } from '../testing/chain.ts';
import { startIngest } from '../testing/ingest.ts';
import { newApiKey } from '../testing/keys.ts';
import { runAgent, scratch } from '../testing/run-agent.ts';
import { createSpool } from './spool.ts';
import { fileName, isAbandoned, listSpool, MAX_SPOOL_BYTES, ownOwner } from './spool-dir.ts';
import { countLines, readLineGroups } from './spool-lines.ts';

const DOWN = 'http://127.0.0.1:9';
const SESSION = 'a'.repeat(32);

function setting() {
  const apiKey = newApiKey();
  const base = scratch();
  const { keyId } = readApiKey(apiKey);
  const env = { VANTIO_API_KEY: apiKey, VANTIO_SPOOL_DIR: base };
  return { env, base, keyId, directory: join(base, keyId) };
}

test('the spool is readable by its user alone', async () => {
  const { env, directory } = setting();
  await runAgent('calls.mjs', { env: { ...env, VANTIO_INGEST_URL: DOWN } });
  const [name] = readdirSync(directory);
  assert.equal(statSync(directory).mode & 0o777, 0o700);
  assert.equal(statSync(join(directory, name ?? '')).mode & 0o777, 0o600);
});

test('a directory that others may write to, and a link, are not used as a spool', async () => {
  const open = setting();
  mkdirSync(open.directory);
  chmodSync(open.directory, 0o777);
  await runAgent('calls.mjs', { env: { ...open.env, VANTIO_INGEST_URL: DOWN } });
  assert.deepEqual(readdirSync(open.directory), []);
  const linked = setting();
  const elsewhere = scratch();
  symlinkSync(elsewhere, linked.directory);
  await runAgent('calls.mjs', { env: { ...linked.env, VANTIO_INGEST_URL: DOWN } });
  assert.deepEqual(readdirSync(elsewhere), []);
});

test('a spool that is drained leaves no file behind', async () => {
  const { env, directory } = setting();
  await runAgent('calls.mjs', { env: { ...env, VANTIO_INGEST_URL: DOWN } });
  const ingest = await startIngest();
  await runAgent('flush-twice.mjs', { env: { ...env, VANTIO_INGEST_URL: ingest.url } });
  await ingest.close();
  assert.deepEqual(readdirSync(directory), []);
  assert.equal(assertWholeChains(ingest.records()).size, 2);
});

test('an ingest that limits the rate gets each abandoned request once, in its own time', async () => {
  const { env, directory } = setting();
  await runAgent('overflow.mjs', {
    nodeArgs: ['--expose-gc'],
    env: { ...env, VANTIO_INGEST_URL: DOWN },
  });
  let open = 3;
  const ingest = await startIngest(() => (open-- > 0 ? 'store' : { status: 429 }));
  const ran = await runAgent('patient.mjs', {
    env: { ...env, VANTIO_INGEST_URL: ingest.url },
    onReady: () => {
      open = Number.POSITIVE_INFINITY;
    },
  });
  await ingest.close();
  assert.equal(ran.code, 0);
  assert.equal(ofType(ingest.records(), 'anomaly').length, 10_000);
  assertWholeChains(ingest.records());
  assert.deepEqual(readdirSync(directory), []);
  assert.ok(ingest.requests() < 30, `${ingest.requests()} requests`);
});

test('a torn last line is not sent', async () => {
  const { env, directory } = setting();
  await runAgent('calls.mjs', { env: { ...env, VANTIO_INGEST_URL: DOWN } });
  const [name] = readdirSync(directory);
  const file = join(directory, name ?? '');
  truncateSync(file, statSync(file).size - 10);
  const ingest = await startIngest();
  await runAgent('flush-twice.mjs', { env: { ...env, VANTIO_INGEST_URL: ingest.url } });
  await ingest.close();
  assert.deepEqual(ingest.faults, []);
  assertWholeChains(ingest.records());
  assert.deepEqual(readdirSync(directory), []);
});

test('what somebody else put into the spool does no harm', async () => {
  const { env, directory, keyId } = setting();
  mkdirSync(directory, { mode: 0o700 });
  writeFileSync(join(directory, 'notes.txt'), 'mine');
  const owner = { namespace: ownOwner().namespace, pid: 4_000_000, start: 1 };
  writeFileSync(join(directory, fileName(owner, SESSION)), 'not an envelope\n');
  const ingest = await startIngest();
  const ran = await runAgent('flush-twice.mjs', { env: { ...env, VANTIO_INGEST_URL: ingest.url } });
  await ingest.close();
  assert.equal(ran.code, 0);
  assert.deepEqual(readdirSync(directory), ['notes.txt'], keyId);
  assert.equal(ofType(ingest.records(), 'loss')[0]?.lost_events, 1);
});

test('files of living processes are left alone, those of dead ones are not', () => {
  const own = ownOwner();
  const file = (owner: typeof own, modifiedMs = 0) => ({
    path: '',
    owner,
    session: SESSION,
    bytes: 0,
    modifiedMs,
  });
  assert.equal(isAbandoned(file(own), own, 0), false);
  assert.equal(isAbandoned(file({ ...own, start: own.start - 1 }), own, 0), true);
  assert.equal(isAbandoned(file({ ...own, pid: process.ppid }), own, 0), true, 'pid in use again');
  const foreign = { ...own, namespace: '1' };
  assert.equal(isAbandoned(file(foreign), own, 3_000_000), false);
  assert.equal(isAbandoned(file(foreign), own, 4_000_000), true);
});

test('past its bound the oldest abandoned file gives way', () => {
  const { base, keyId, directory } = setting();
  mkdirSync(directory, { mode: 0o700 });
  const dead = { ...ownOwner(), pid: 4_000_000 };
  const names = ['b', 'c'].map((digit) => fileName(dead, digit.repeat(32)));
  names.forEach((name, at) => {
    const path = join(directory, name);
    writeFileSync(path, 'line\n');
    truncateSync(path, MAX_SPOOL_BYTES / 2);
    utimesSync(path, at + 1, at + 1);
  });
  const spool = createSpool(base, keyId);
  assert.ok(spool.append(SESSION, 'new\n'));
  assert.deepEqual(
    listSpool(directory).map(({ session }) => session[0]),
    ['c', 'a'],
  );
});

test('a batch stands where it was written, and is gone when the file is', () => {
  const { base, keyId } = setting();
  const spool = createSpool(base, keyId);
  const first = spool.append(SESSION, 'one\n');
  const second = spool.append(SESSION, 'two\n');
  assert.ok(first && second);
  assert.equal(spool.read(second), 'two\n');
  assert.equal(readFileSync(second.path, 'utf8'), 'one\ntwo\n');
  spool.remove(first.path);
  assert.equal(spool.read(second), undefined);
});

test('lines are read in groups of bounded number and size, and a line without end is not read on', () => {
  const file = join(scratch(), 'lines');
  writeFileSync(file, 'a\nbb\nccc\ntorn');
  assert.deepEqual([...readLineGroups(file, 2, 100)], [['a', 'bb'], ['ccc']]);
  assert.deepEqual([...readLineGroups(file, 9, 4)], [['a', 'bb'], ['ccc']]);
  assert.equal(countLines(file), 3);
  appendFileSync(file, 'x'.repeat(10_000_000));
  assert.equal(countLines(file), 3);
});

test('a full disk under the spool loses only what it counts, and disturbs nobody', async (t) => {
  const { env, base } = setting();
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=16k,mode=700', 'tmpfs', base], {
      stdio: 'ignore',
    });
  } catch {
    t.skip('mounting a small filesystem needs root');
    return;
  }
  try {
    const ran = await runAgent('five-flushes.mjs', { env: { ...env, VANTIO_INGEST_URL: DOWN } });
    assert.deepEqual([ran.code, ran.stdout, ran.stderr], [0, 'done\n', '']);
    const [key = ''] = readdirSync(base);
    for (const name of readdirSync(join(base, key))) {
      const text = readFileSync(join(base, key, name), 'utf8');
      assert.ok(text === '' || text.endsWith('\n'), 'no torn batch');
    }
  } finally {
    execFileSync('umount', [base]);
  }
});
