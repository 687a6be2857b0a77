import assert from 'node:assert/strict';
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { createKey, startLocal } from '@vantio/functions/local';
import { parseLedgerLine } from '@vantio/schema';
import { runVantio } from '../testing/run-vantio.ts';
import { temporaryDirectory } from '../testing/temporary-directory.ts';
import type { VerifyOutcome } from '../verify/outcome.ts';

const AGENT = `
  const { shield, flush } = globalThis[Symbol.for('vantio.context.1')];
  for (let call = 0; call < 8; call++) {
    await shield('Jane Doe ' + call, async () => {})();
    await flush();
  }
`;

async function houseWith(t: TestContext, tenants: readonly string[]) {
  const directory = temporaryDirectory(t);
  const stateDir = join(directory, 'state');
  const ledger = join(directory, 'ledger.ndjson');
  const options = { outputFile: ledger, stateDir, port: 0, rateLimit: 1000, log: () => {} };
  const start = () => startLocal({ ...options, maxSegmentBytes: 8000, appendOnly: false });
  const server = await start();
  t.after(() => server.close());
  const app = join(directory, 'agent.mjs');
  writeFileSync(app, AGENT);
  const keys = ['--key-file', server.controlKeyFile];
  for (const tenant of tenants) {
    const keyFile = join(directory, `${tenant}.key`);
    writeFileSync(keyFile, createKey(stateDir, { tenantId: tenant }), { mode: 0o600 });
    keys.push('--key-file', keyFile);
    const sent = ['--key-file', keyFile, '--ingest-url', server.url];
    const ran = await runVantio(['run', '-q', ...sent, '--', process.execPath, app]);
    assert.equal(ran.status, 0, ran.stderr);
  }
  const erase = (...args: readonly string[]) =>
    runVantio(['erase', ledger, '--state-dir', stateDir, ...args]);
  const verify = async (file = ledger): Promise<VerifyOutcome> => {
    const { status, stdout, stderr } = await runVantio(['verify', file, ...keys, '--json']);
    assert.equal(stderr, '');
    const outcome = JSON.parse(stdout) as VerifyOutcome;
    assert.equal(status, outcome.verdict === 'rejected' ? 1 : 0, stdout);
    return outcome;
  };
  return { directory, stateDir, ledger, keys, server, start, erase, verify };
}

const filesOf = (directory: string, kind: string): readonly string[] =>
  readdirSync(directory)
    .filter((name) => name.endsWith(kind))
    .map((name) => join(directory, name));

const textOf = (directory: string): string =>
  filesOf(directory, '.disclosures.ndjson')
    .map((file) => readFileSync(file, 'utf8'))
    .join('');

const recordsOf = (directory: string) =>
  filesOf(directory, '.ndjson')
    .filter((file) => !file.includes('.disclosures.'))
    .flatMap((file) => readFileSync(file, 'utf8').split('\n').slice(0, -1))
    .map((line) => parseLedgerLine(line).record);

test('a tenant is erased from every file of its ledger, which still verifies and says how many values are gone', async (t) => {
  const { directory, server, ledger, erase, verify } = await houseWith(t, ['acme', 'globex']);
  const busy = await erase('--tenant', 'acme');
  assert.equal(busy.status, 2);
  assert.match(
    busy.stderr,
    /^vantio: a running server writes .*: stop vantio serve, run this[^\n]*\n$/,
  );
  assert.match(textOf(directory), /Jane Doe/);
  await server.close();

  const all = await verify();
  assert.deepEqual(Object.keys(all.wrong), []);
  assert.equal(all.values.erased + all.values.missing, 0);
  const half = all.values.disclosed / 2;
  assert.ok(half >= 8);
  assert.ok(filesOf(directory, '.disclosures.ndjson').length > 2);

  const dry = await erase('--tenant', 'acme', '--dry-run', '--json');
  assert.equal(JSON.parse(dry.stdout).values, half);
  assert.deepEqual(await verify(), all);

  const why = ['--reason', 'gdpr_art_17', '--member', 'a'.repeat(32)];
  const done = await erase('--tenant', 'acme', ...why, '--json');
  assert.equal(done.status, 0, done.stderr);
  const said = JSON.parse(done.stdout);
  assert.deepEqual([said.values, said.recorded, said.unreadable], [half, half, 0]);
  assert.ok(!textOf(directory).includes('"tenant_id":"acme"'));

  const after = await verify();
  assert.deepEqual(after.wrong, {});
  assert.equal(after.unmeasured.disclosure, undefined);
  const { disclosed, erased, missing, returned } = after.values;
  assert.deepEqual([disclosed, erased, missing, returned], [half, half, 0, 0]);
  const tombstones = recordsOf(directory).filter(({ event_type }) => event_type === 'erasure');
  assert.equal(tombstones.length, half);
  for (const record of tombstones) {
    assert.deepEqual(
      [record.action_taken, record.source, record.subject_tenant_id, record.subject_field],
      ['ERASED', 'control_plane', 'acme', 'agent_name'],
    );
    assert.deepEqual([record.reason_code, record.member_id], ['gdpr_art_17', 'a'.repeat(32)]);
  }

  const again = await erase('--tenant', 'acme', '--json');
  assert.deepEqual([again.status, JSON.parse(again.stdout).values], [0, 0]);
  const shown = await runVantio(['show', ledger]);
  assert.match(shown.stdout, /shield {2}#[0-9a-f]{8} \(erased\)/);
  assert.match(shown.stdout, /shield {2}Jane Doe 0/);
  const read = await runVantio(['verify', ledger]);
  assert.match(read.stdout, new RegExp(`committed values: ${half} disclosed, ${half} erased\n`));
});

test('a value that is gone without a record is missing, not erased; one that is back is told', async (t) => {
  const { directory, server, ledger, erase, verify } = await houseWith(t, ['acme']);
  await server.close();
  const before = temporaryDirectory(t);
  const copy = (from: string, to: string, kind: RegExp): void => {
    for (const name of readdirSync(from).filter((name) => kind.test(name)))
      if (name.endsWith('.ndjson')) {
        rmSync(join(to, name), { force: true });
        copyFileSync(join(from, name), join(to, name));
      }
  };
  copy(directory, before, /./);
  assert.equal((await erase('--tenant', 'acme')).status, 0);
  const { erased } = (await verify()).values;
  assert.ok(erased >= 8);

  const values = temporaryDirectory(t);
  copy(directory, values, /disclosures/);
  copy(before, directory, /disclosures/);
  const back = await verify();
  assert.deepEqual(back.wrong, {});
  assert.equal(back.values.returned, erased);
  assert.match(back.findings.map(({ message }) => message).join(), /run vantio erase again/);
  const repeated = await erase('--tenant', 'acme', '--json');
  const said = JSON.parse(repeated.stdout);
  assert.deepEqual([said.values, said.recorded], [erased, 0]);
  assert.equal((await verify()).values.returned, 0);

  // The ledger as it was before the tombstones, beside disclosures as they are after them.
  copy(values, before, /disclosures/);
  const untold = await verify(join(before, 'ledger.ndjson'));
  assert.deepEqual(untold.wrong, {});
  assert.equal(untold.verdict, 'verified with notes');
  assert.deepEqual([untold.values.erased, untold.values.missing], [0, erased]);
  assert.ok((untold.unmeasured.disclosure ?? 0) > 0);
  assert.match(
    untold.findings.map(({ message }) => message).join(),
    /committed values?, and no erasure record says why/,
  );
  const strict = await runVantio(['verify', join(before, 'ledger.ndjson'), '--strict']);
  assert.equal(strict.status, 1);
  assert.ok(existsSync(ledger));
});

test('an event, a trace, a field and an instant each narrow what is erased', async (t) => {
  const { directory, server, erase, verify } = await houseWith(t, ['acme']);
  await server.close();
  const ends = recordsOf(directory).filter((record) => record.agent_name_commit !== undefined);
  const [first] = ends;
  assert.ok(first);
  const count = async (...args: readonly string[]): Promise<number> =>
    JSON.parse((await erase(...args, '--dry-run', '--json')).stdout).values;
  const all = ends.length;
  const trace = first.trace_id ?? '';
  assert.equal(await count('--trace', trace), ends.filter((r) => r.trace_id === trace).length);
  assert.equal(await count('--trace', 'f'.repeat(32)), 0);
  assert.equal(await count('--tenant', 'acme', '--field', 'agent_name'), all);
  assert.equal(await count('--tenant', 'acme', '--field', 'exec_path'), 0);
  assert.equal(await count('--tenant', 'acme', '--before', '2020-01-01T00:00:00Z'), 0);
  assert.equal(await count('--tenant', 'acme', '--before', '2999-01-01T00:00:00Z'), all);
  assert.equal(await count('--tenant', 'globex', '--event', first.event_id), 0);
  const one = await erase('--event', first.event_id);
  assert.equal(one.stdout, '1 value in 1 file erased, 1 erasure record written\n');
  const { erased, disclosed } = (await verify()).values;
  assert.deepEqual([erased, disclosed], [1, all - 1]);
});

test('a further server beside the first keeps its files until it ends', async (t) => {
  const house = await houseWith(t, ['acme']);
  const further = await house.start();
  t.after(() => further.close());
  await house.server.close();
  assert.match(further.ledgerFile, /\.w-[0-9a-f]{16}\.ndjson$/);
  const busy = await house.erase('--tenant', 'acme');
  assert.equal(busy.status, 2);
  assert.match(busy.stderr, /a running server writes/);
  await further.close();
  assert.equal((await house.erase('--tenant', 'acme')).status, 0);
});

test('lines that cannot be read stay and are told of; a torn one goes; a link is refused', async (t) => {
  const { directory, server, ledger, erase } = await houseWith(t, ['acme']);
  await server.close();
  const beside = ledger.replace('.ndjson', '.disclosures.ndjson');
  const hostile = ['\u001b[2J{"not":"json', '{"event_id":1}', '{}', ''].join('\n');
  appendFileSync(beside, `${hostile}${Buffer.from([0xff, 0x0a]).toString('latin1')}`);
  appendFileSync(ledger.replace('.ndjson', '.000001.disclosures.ndjson'), '{"event_id":"torn Jane');
  const { status, stderr, stdout } = await erase('--tenant', 'acme');
  assert.equal(status, 1, stdout);
  assert.match(stderr, /^vantio: 4 lines of disclosures cannot be read[^\n\u001b]*\n$/);
  const left = textOf(directory);
  assert.ok(left.includes('{"not":"json') && !left.includes('Jane'));

  renameSync(beside, `${beside}.real`);
  symlinkSync(`${beside}.real`, beside);
  const linked = await erase('--tenant', 'acme');
  assert.equal(linked.status, 2);
  assert.match(linked.stderr, /is a symbolic link[^\n]*\n$/);
});

test('what is typed wrong is told in one sentence, and nothing is touched', async (t) => {
  const cwd = temporaryDirectory(t);
  writeFileSync(join(cwd, 'ledger.ndjson'), '');
  const cloud = ['--database', 'projects/p/instances/i/databases/d'];
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [['ledger.ndjson'], /say whose values are meant/],
    [['ledger.ndjson', '--event', 'x'], /--event wants an event id/],
    [['ledger.ndjson', '--tenant', '-'], /--tenant wants/],
    [['ledger.ndjson', '--trace', 'abc'], /--trace wants a whole trace id/],
    [['ledger.ndjson', '--tenant', 'a', '--field', 'name'], /--field wants one of agent_name/],
    [['ledger.ndjson', '--tenant', 'a', '--before', '2026-02-31T00:00:00Z'], /--before wants/],
    [['ledger.ndjson', '--tenant', 'a', '--reason', 'Jane Doe'], /--reason wants a code/],
    [['ledger.ndjson', '--tenant', 'a', '--member', 'jane'], /--member wants an opaque id/],
    [['ledger.ndjson', '--tenant', 'a'], /\.vantio is no state directory/],
    [['gone.ndjson', '--tenant', 'a'], /there is no ledger gone\.ndjson/],
    [['ledger.disclosures.ndjson', '--tenant', 'a'], /does not name a ledger/],
    [['ledger.000001.ndjson', '--tenant', 'a'], /is one file of a ledger/],
    [['--tenant', 'a'], /name one of the two/],
    [['ledger.ndjson', ...cloud, '--tenant', 'a'], /name one of the two/],
    [[...cloud, '--trace', 'a'.repeat(32)], /name the tenant with --tenant/],
    [[...cloud, '--tenant', 'a'], /name the control plane with --ingest-url/],
    [['--database', 'd', '--tenant', 'a', '--dry-run'], /--database wants projects/],
  ];
  for (const [args, said] of cases) {
    const { status, stdout, stderr } = await runVantio(['erase', ...args], { cwd });
    assert.equal(status, 2, args.join(' '));
    assert.match(stderr, said);
    assert.match(stderr, /^vantio: [^\n]+\n$/);
    assert.equal(stdout, '');
  }
  assert.deepEqual(readdirSync(cwd), ['ledger.ndjson']);
});
