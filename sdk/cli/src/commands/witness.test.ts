import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openCheckpoint } from '@vantio/schema/tlog/checkpoint';
import { readCosignatures } from '@vantio/schema/tlog/cosignature';
import { parseNote } from '@vantio/schema/tlog/note';
import { createNoteVerifier, parseVerifierKey } from '@vantio/schema/tlog/note-keys';
import { NODE_VERSIONS } from '../testing/node-versions.ts';
import { endOf, runVantio, startVantio } from '../testing/run-vantio.ts';
import { sampleLog } from '../testing/sample-log.ts';
import { temporaryDirectory } from '../testing/temporary-directory.ts';
import { assertEnded, type WitnessSetup, witnessSetup } from '../testing/witness-setup.ts';

/** The lines of our witness that the log keeps for that size. */
function cosignaturesOf({ log, witness }: WitnessSetup, size: number) {
  const file = join(log.directory, 'cosignatures', String(size));
  if (!existsSync(file)) return [];
  const checkpoint = readFileSync(join(log.directory, 'checkpoints', String(size)), 'utf8');
  const note = parseNote(checkpoint + readFileSync(file, 'utf8'));
  return readCosignatures(note, [parseVerifierKey(witness)]);
}

test('keygen makes a key that only its owner reads, and prints what others pin', async (t) => {
  const file = join(temporaryDirectory(t), 'witness.key');
  const made = await runVantio(['witness', 'keygen', '--name', 'example.com/w', '--out', file]);
  assert.equal(made.status, 0, made.stderr);
  const key = parseVerifierKey(made.stdout.trimEnd());
  assert.deepEqual([key.name, key.type], ['example.com/w', 'cosignatureEd25519']);
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.ok(readFileSync(file, 'utf8').startsWith(`${made.stdout}-----BEGIN PRIVATE KEY-----\n`));
  const again = await runVantio(['witness', 'keygen', '--name', 'example.com/w', '--out', file]);
  assertEnded(again, 2, /is there already/);
  const other = join(temporaryDirectory(t), 'k');
  for (const name of ['', 'a b', 'a+b', 'a\u0007', 'é'.repeat(128)])
    assertEnded(
      await runVantio(['witness', 'keygen', '--name', name, '--out', other]),
      2,
      /--name wants/,
    );
  assert.equal(existsSync(other), false);
});

test('each tree that goes on from the one before is cosigned once, on a proof', async (t) => {
  const setup = await witnessSetup(t);
  for (const size of [1, 2, 7, 300]) {
    await setup.log.grow(size);
    const ran = await setup.once('--json');
    assert.equal(ran.status, 0, ran.stderr);
    assert.equal(JSON.parse(ran.stdout).event, 'cosigned');
    assert.equal(cosignaturesOf(setup, size).length, 1);
  }
  assert.ok(setup.server.asked.includes('GET /api/v1/consistency/7/300'));
  const before = setup.server.asked.length;
  const held = await setup.once();
  assert.deepEqual(
    [held.status, setup.server.asked.slice(before)],
    [0, ['GET /api/v1/checkpoint']],
  );
  assert.match(held.stdout, /cosigned before/);
});

test('what the log did not take is offered again, and said', async (t) => {
  const setup = await witnessSetup(t);
  await setup.log.grow(3);
  setup.server.lie('/api/v1/cosignatures', {
    status: 422,
    body: '{"type":"urn:vantio:problem:bad_cosignature"}',
  });
  assertEnded(await setup.once(), 2, /POST .* was answered 422 \(bad_cosignature\)/);
  assert.equal(cosignaturesOf(setup, 3).length, 0);
  setup.server.lie('/api/v1/cosignatures', undefined);
  assert.equal((await setup.once()).status, 0);
  assert.equal(cosignaturesOf(setup, 3).length, 1);
});

test('a fork in one size is an alarm with both notes, and stands until it is moved away', async (t) => {
  const setup = await witnessSetup(t);
  const seen = await setup.log.grow(6);
  assert.equal((await setup.once()).status, 0);
  const other = await sampleLog(join(setup.directory, 'other'), { forkAt: 4 });
  const got = await other.grow(6);
  setup.server.become(other);
  assertEnded(await setup.once(), 3, /ALARM fork: the log signed two trees of size 6/);
  const [alarm] = setup.alarms();
  assert.deepEqual([alarm?.kind, alarm?.seen, alarm?.got], ['fork', seen, got]);
  // Evidence: whoever has the alarm alone can check both signatures.
  const verifier = createNoteVerifier(parseVerifierKey(alarm?.keys[0] ?? ''));
  const roots = [alarm?.seen, alarm?.got].map((note) => openCheckpoint(note ?? '', verifier).root);
  assert.notDeepEqual(roots[0], roots[1]);
  assert.equal(existsSync(join(other.directory, 'cosignatures')), false);
  setup.server.become(setup.log);
  assertEnded(await setup.once(), 3, /an alarm \(fork\) stands in .*alarm\.json/);
  assert.equal(setup.alarms().length, 1);
});

test('a fork in a larger size is an alarm with the proof that does not hold', async (t) => {
  const setup = await witnessSetup(t);
  await setup.log.grow(6);
  assert.equal((await setup.once()).status, 0);
  const other = await sampleLog(join(setup.directory, 'other'), { forkAt: 4 });
  await other.grow(6);
  await other.grow(9);
  setup.server.become(other);
  const alarmFile = join(setup.directory, 'fork.json');
  const ran = await setup.once('--alarm', alarmFile, '--json');
  assertEnded(ran, 3, /does not begin with the tree of 6/);
  assert.deepEqual(
    [JSON.parse(ran.stdout).event, JSON.parse(ran.stdout).kind, JSON.parse(ran.stdout).file],
    ['alarm', 'fork', alarmFile],
  );
  assert.equal(setup.alarms(alarmFile)[0]?.proof?.length, 4);
  assert.equal(existsSync(join(other.directory, 'cosignatures')), false);
});

test('a rollback, another key and another log are alarms with codes of their own', async (t) => {
  for (const [kind, status, start] of [
    ['rollback', 4, {}],
    ['other_key', 5, { key: 2 }],
    ['other_origin', 6, { origin: 'vantio.test/other' }],
  ] as const) {
    const setup = await witnessSetup(t);
    const seen = await setup.log.grow(6);
    assert.equal((await setup.once()).status, 0);
    const other = await sampleLog(join(setup.directory, 'other'), start);
    const got = await other.grow(kind === 'rollback' ? 5 : 7);
    setup.server.become(other);
    assertEnded(await setup.once(), status, new RegExp(`ALARM ${kind}: `));
    const [alarm] = setup.alarms();
    assert.deepEqual([alarm?.kind, alarm?.seen, alarm?.got], [kind, seen, got]);
  }
});

test('no answer, and no answer that can be checked, is a failed look and no alarm', async (t) => {
  const setup = await witnessSetup(t);
  await setup.log.grow(6);
  assert.equal((await setup.once()).status, 0);
  await setup.log.grow(9);
  const checkpoint = '/api/v1/checkpoint';
  const consistency = '/api/v1/consistency/6/9';
  for (const [path, lie, sentence] of [
    [checkpoint, { body: '<html>sign in</html>' }, /no empty line/],
    [checkpoint, { status: 503, body: 'sorry' }, /answered 503\./],
    [checkpoint, { status: 302, body: '' }, /answered 302\./],
    [checkpoint, { body: '\n'.repeat(1_000_001) }, /over 1000000 bytes/],
    [consistency, { status: 404, body: '{"type":"urn:vantio:problem:not_found"}' }, /404 \(not_/],
    [consistency, { body: 'no hash\n' }, /not one of hashes/],
    [consistency, { body: '' }, /lacks hashes/],
    [consistency, { body: `${'A'.repeat(43)}=\n`.repeat(64) }, /not one of hashes/],
  ] as const) {
    setup.server.lie(path, lie);
    assertEnded(await setup.once(), 2, sentence);
    setup.server.lie(path, undefined);
  }
  assert.equal(existsSync(join(setup.directory, 'state', 'alarm.json')), false);
  assert.equal((await setup.once()).status, 0);
});

test('a silence is counted across restarts, is an alarm, and ends when the log is heard again', async (t) => {
  const setup = await witnessSetup(t);
  await setup.log.grow(6);
  assert.equal((await setup.once()).status, 0);
  setup.server.lie('/api/v1/checkpoint', { status: 503, body: '' });
  assertEnded(await setup.once(), 2, /answered 503/);
  const stateFile = backdateFailure(setup, 61);
  const silent = await setup.once('--silence', '1');
  assertEnded(silent, 7, /ALARM silence: no good checkpoint was heard of for 1 minutes/);
  assert.equal((await setup.once('--silence', '1')).status, 7);
  assert.deepEqual(
    setup.alarms().map(({ kind, got }) => [kind, got]),
    [['silence', null]],
  );
  setup.server.lie('/api/v1/checkpoint', undefined);
  assert.equal((await setup.once('--silence', '1')).status, 0);
  assert.equal(JSON.parse(readFileSync(stateFile, 'utf8')).failing_since, null);
  assert.equal(setup.alarms().length, 1);
});

test('a signed checkpoint that no proof comes for is kept when the silence is told', async (t) => {
  const setup = await witnessSetup(t);
  await setup.log.grow(6);
  assert.equal((await setup.once()).status, 0);
  const got = await setup.log.grow(9);
  setup.server.lie('/api/v1/consistency/6/9', { status: 500, body: '' });
  assert.equal((await setup.once()).status, 2);
  backdateFailure(setup, 61);
  assert.equal((await setup.once('--silence', '1')).status, 7);
  assert.equal(setup.alarms()[0]?.got, got);
});

function backdateFailure({ directory }: WitnessSetup, seconds: number): string {
  const [name = ''] = readdirSync(join(directory, 'state')).filter((each) =>
    /^[0-9a-f]{32}\.json$/.test(each),
  );
  const file = join(directory, 'state', name);
  const state = JSON.parse(readFileSync(file, 'utf8'));
  assert.equal(typeof state.failing_since, 'number');
  writeFileSync(file, JSON.stringify({ ...state, failing_since: state.failing_since - seconds }));
  return file;
}

test('it watches until Ctrl-C, which ends it with 0; no other witness has its state meanwhile', async (t) => {
  const setup = await witnessSetup(t);
  await setup.log.grow(2);
  const child = startVantio(['witness', ...setup.options, '--interval', '1', '--json']);
  t.after(() => child.kill('SIGKILL'));
  const ended = endOf(child);
  const next = async (): Promise<{ event: string; size: number }> =>
    JSON.parse(String((await once(child.stdout ?? child, 'data'))[0]));
  assert.deepEqual([(await next()).size, cosignaturesOf(setup, 2).length], [2, 1]);
  await setup.log.grow(5);
  assert.deepEqual([(await next()).size, cosignaturesOf(setup, 5).length], [5, 1]);
  assertEnded(await setup.once(), 2, /in use by another witness/);
  child.kill('SIGINT');
  const { status, stderr } = await ended;
  assert.deepEqual([status, stderr], [0, '']);
  assert.equal((await setup.once()).status, 0);
});

test('a damaged state is not begun anew, and bad arguments are one sentence', async (t) => {
  const setup = await witnessSetup(t);
  await setup.log.grow(2);
  setup.server.lie('/api/v1/checkpoint', { status: 503, body: '' });
  await setup.once();
  const file = backdateFailure(setup, 1);
  writeFileSync(file, '{"version":1');
  assertEnded(await setup.once(), 2, /state .* is damaged; restore it/);

  assertEnded(await runVantio(['witness']), 2, /required option '--url <url>'/);
  const swap = (option: string, value: string): readonly string[] => [
    ...setup.options,
    option,
    value,
  ];
  const wide = join(setup.directory, 'wide.key');
  writeFileSync(wide, readFileSync(join(setup.directory, 'witness.key')), { mode: 0o644 });
  const none = join(setup.directory, 'none');
  const empty = join(setup.directory, 'empty');
  writeFileSync(empty, '# nothing\n', { mode: 0o600 });
  for (const [option, value, sentence] of [
    ['--url', 'ftp://x', /--url wants/],
    ['--key-file', none, /key file .* cannot be read \(ENOENT\)/],
    ['--vkey', none, /verifier key .* cannot be read \(ENOENT\)/],
    ['--vkey', empty, /holds no verifier key/],
    [
      '--vkey',
      join(setup.directory, 'agent.key'),
      /agent\.key:1: a verifier key is not of the form/,
    ],
    ['--witness-key', none, /witness key .* cannot be read \(ENOENT\)/],
    ['--witness-key', wide, /can be read by others/],
    ['--witness-key', empty, /not one that this runtime can use/],
    ['--state', empty, /state .* cannot be written \(EEXIST\)/],
    ['--interval', '0', /--interval wants a whole number/],
  ] as const)
    assertEnded(await runVantio(['witness', ...swap(option, value), '--once']), 2, sentence);
});

for (const { major, path: node } of NODE_VERSIONS)
  test(`a witness runs on Node ${major}, and says if that has no ML-DSA-44`, {
    skip: node === undefined ? `no Node ${major} here: VANTIO_NODE${major} names none` : false,
  }, async (t) => {
    const setup = await witnessSetup(t);
    await setup.log.grow(2);
    const on = node === undefined ? {} : { node };
    const ran = await runVantio(['witness', ...setup.options, '--once'], on);
    assert.deepEqual([ran.status, ran.stderr], [0, '']);
    assert.equal(cosignaturesOf(setup, 2).length, 1);
    const out = join(setup.directory, 'pq.key');
    const keygen = ['witness', 'keygen', '--name', 'w', '--algorithm', 'ml-dsa-44', '--out', out];
    const made = await runVantio(keygen, on);
    if (major >= 24)
      assert.equal(parseVerifierKey(made.stdout.trimEnd()).type, 'cosignatureMlDsa44');
    else assertEnded(made, 2, /no ML-DSA-44; Node 24\.6 or newer has/);
    assert.equal(existsSync(out), major >= 24);
  });
