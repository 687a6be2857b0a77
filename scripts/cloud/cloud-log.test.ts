import assert from 'node:assert/strict';
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { missingStorageServer } from '@vantio/functions/cloud/mirror';
import { hasEnded } from '../demo/check-ledger.ts';
import { startCloud } from '../demo/cloud.ts';
import { createProcesses } from '../demo/processes.ts';
import { awaitSealed } from '../demo/prove.ts';
import { run, vantio } from '../e2e/run.ts';

/** The suite sets it when this machine has the emulators. */
const skip =
  process.env.SPANNER_EMULATOR_HOST === undefined
    ? 'no emulators on this machine; see the line above'
    : missingStorageServer();
const python = process.env.VANTIO_PYTHON;
const folder = mkdtempSync(join(tmpdir(), 'vantio-cloud-log-'));
const at = (name: string): string => join(folder, name);
const processes = createProcesses();
after(async () => {
  await processes.stopAll();
  rmSync(folder, { recursive: true, force: true });
});

type Signed = {
  readonly certificate?: { readonly public_key: string };
  readonly receipt: {
    readonly events: readonly { readonly record_hash: string }[];
    readonly merge_by: string;
    readonly origin: string;
    readonly received_at: string;
  };
};
type Verified = {
  readonly wrong: Readonly<Record<string, number>>;
  readonly unmeasured: Readonly<Record<string, number>>;
  readonly logs: readonly { readonly promises: object }[];
};

const done = async (...args: readonly string[]): Promise<string> => {
  const { status, stdout, stderr } = await vantio(...args);
  assert.equal(status, 0, `${args.join(' ')}\n${stdout}${stderr}`);
  return stdout;
};

function exportLog(database: string): Promise<string> {
  for (const name of ['ledger.ndjson', 'ledger.disclosures.ndjson', 'ledger.log'])
    rmSync(at(name), { recursive: true, force: true });
  const out = ['--key-file', at('key'), '--out', at('ledger.ndjson')];
  return done('export', '--log', '--database', database, ...out);
}

test('the SDK keeps receipts of cloud ingest, and every verifier judges them by what a witness cosigned', {
  skip,
}, async (t) => {
  await done('keys', 'create', '--tenant', 'demo', '--state-dir', at('state'), '--out', at('key'));
  const name = 'witness.example/w1';
  const witness = await done('witness', 'keygen', '--name', name, '--out', at('witness.key'));
  writeFileSync(at('witnesses'), witness);
  process.env.VANTIO_WITNESSES = witness.trim();
  const { url, database, vkey = '' } = await startCloud(processes, at('state'));
  writeFileSync(at('pinned.vkey'), `${vkey}\n`);
  const pins = ['--vkey', at('pinned.vkey'), '--witness', at('witnesses')];
  const here = ['--url', url, '--key-file', at('key'), ...pins];

  const script = `fetch('${url}/healthz').then((answer) => answer.text())`;
  const words = [
    '--key-file',
    at('key'),
    '--ingest-url',
    url,
    '--',
    process.execPath,
    '-e',
    script,
  ];
  const agent = await run(process.execPath, ['sdk/cli/bin/vantio.js', 'run', ...words], {
    ...process.env,
    VANTIO_SPOOL_DIR: at('spool'),
  });
  assert.equal(agent.status, 0, agent.stderr);
  const log = { url, apiKey: readFileSync(at('key'), 'utf8').trim(), verifierKey: vkey };
  assert.ok((await awaitSealed(log, 1, 60)) > 0);
  // The end of the session is sent when the agent has ended.
  await exportLog(database);
  for (let turn = 0; turn < 60 && !hasEnded(at('ledger.ndjson')); turn++) {
    await sleep(500);
    await exportLog(database);
  }
  const [receipts = ''] = globSync(at('spool/*/receipts.ndjson'));
  const kept = readFileSync(receipts, 'utf8').trimEnd().split('\n');
  const signed = kept.map((line) => JSON.parse(line) as Signed);
  for (const { certificate, receipt } of signed) {
    assert.match(certificate?.public_key ?? '', /^[0-9a-f]{64}$/);
    assert.equal(receipt.origin, 'log.local/demo');
    assert.equal(Date.parse(receipt.merge_by) - Date.parse(receipt.received_at), 600_000);
  }

  const events = signed.reduce((sum, { receipt }) => sum + receipt.events.length, 0);
  assert.equal(await awaitSealed(log, events, 60), events);
  await t.test('nothing is measured before a witness has cosigned', async () => {
    const said = await done('monitor', ...here, '--receipts', receipts);
    assert.match(said, new RegExp(`promises kept 0, broken 0, wrong 0, unmeasured ${kept.length}`));
  });
  const own = ['--witness-key', at('witness.key'), '--state', at('watched')];
  await done(
    'witness',
    '--once',
    '--url',
    url,
    '--key-file',
    at('key'),
    '--vkey',
    at('pinned.vkey'),
    ...own,
  );

  await t.test('the log’s proofs keep each promise', async () => {
    const said = await done('monitor', ...here, '--receipts', receipts);
    assert.match(said, new RegExp(`promises kept ${kept.length}, broken 0, wrong 0, unmeasured 0`));
  });

  const exported = await exportLog(database);
  assert.match(exported, new RegExp(`${events} leaves of the log written to `));
  const verify = async (file: string): Promise<Verified> => {
    const args = [at('ledger.ndjson'), '--key-file', at('key'), ...pins, '--receipts', file];
    return JSON.parse((await vantio('verify', '--json', ...args)).stdout) as Verified;
  };
  const verifyInPython = async (file: string): Promise<Verified> => {
    const args = ['-m', 'vantio_verify', at('ledger.ndjson'), '--json', '--key-file', at('key')];
    const { stdout, stderr } = await run(
      python ?? '',
      [...args, ...pins, '--receipts', file],
      process.env,
      'sdk/python',
    );
    assert.equal(stderr, '');
    return JSON.parse(stdout) as Verified;
  };
  // A thief of no key: the word of the log's key is for another key than the one that signs.
  const [first = ''] = kept;
  const [last] = signed.slice(-1);
  assert.ok(last?.certificate);
  const forged = first.replace(last.certificate.public_key, 'ab'.repeat(32));
  assert.notEqual(forged, first);
  writeFileSync(at('forged'), `${forged}\n`);

  await t.test('vantio verify says the same from files alone', async () => {
    const { wrong, unmeasured, logs } = await verify(receipts);
    assert.deepEqual([wrong, unmeasured], [{}, { origin: 1 }]);
    assert.deepEqual(logs[0]?.promises, { kept: kept.length, broken: 0, unmeasured: 0 });
    assert.deepEqual((await verify(at('forged'))).wrong, { receipt: 1 });
  });

  await t.test(
    'and so does the Python verifier',
    {
      skip: python === undefined && 'no Python with the locked packages on this machine',
    },
    async () => {
      const { wrong, unmeasured } = await verifyInPython(receipts);
      assert.deepEqual([wrong, unmeasured], [{}, { origin: 1 }]);
      assert.deepEqual((await verifyInPython(at('forged'))).wrong, { receipt: 1 });
    },
  );
});
