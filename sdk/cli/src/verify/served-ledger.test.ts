import assert from 'node:assert/strict';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { createKey, startLocal } from '@vantio/functions/local';
import { readApiKey } from '@vantio/schema';
import { parseCheckpointText } from '@vantio/schema/tlog/checkpoint';
import { cosign } from '@vantio/schema/tlog/cosignature';
import { parseNote } from '@vantio/schema/tlog/note';
import { runVantio } from '../testing/run-vantio.ts';
import { WITNESS, WITNESS_KEY, WITNESS_VKEY } from '../testing/seal-ledger.ts';
import { temporaryDirectory } from '../testing/temporary-directory.ts';
import type { VerifyOutcome } from './outcome.ts';

const AGENT = `
  const { shield, flush } = globalThis[Symbol.for('vantio.context.1')];
  for (let round = 0; round < 6; round++) {
    for (let call = 0; call < 20; call++) await shield('agent ' + round + ' ' + call, async () => {})();
    await flush();
  }
`;

type Served = {
  readonly directory: string;
  readonly keys: readonly string[];
  /** What the SDK kept of the control plane's promises. */
  readonly receipts: string;
};

/** A ledger that a real control plane wrote for a real agent, rotated several times, with disclosures. */
async function servedLedger(t: TestContext): Promise<Served> {
  const directory = temporaryDirectory(t);
  const stateDir = join(directory, 'state');
  const keyFile = join(directory, 'agent.key');
  writeFileSync(keyFile, createKey(stateDir, { tenantId: 'acme' }), { mode: 0o600 });
  const ledger = join(directory, 'ledger.ndjson');
  const server = await startLocal({
    outputFile: ledger,
    stateDir,
    port: 0,
    rateLimit: 1000,
    maxSegmentBytes: 30_000,
    appendOnly: false,
    log: () => {},
  });
  const app = join(directory, 'agent.mjs');
  writeFileSync(app, AGENT);
  const args = [
    'run',
    '-q',
    '--key-file',
    keyFile,
    '--ingest-url',
    server.url,
    '--',
    process.execPath,
    app,
  ];
  const spool = join(directory, 'spool');
  const ran = await runVantio(args, { env: { VANTIO_SPOOL_DIR: spool } });
  assert.equal(ran.status, 0, ran.stderr);
  await server.close();
  const { keyId } = readApiKey(readFileSync(keyFile, 'utf8').trim());
  return {
    directory,
    keys: ['--key-file', keyFile, '--key-file', server.controlKeyFile],
    receipts: join(spool, keyId, 'receipts.ndjson'),
  };
}

async function verify({
  directory,
  keys,
}: Served): Promise<VerifyOutcome & { readonly status: number | null }> {
  const { status, stdout, stderr } = await runVantio([
    'verify',
    join(directory, 'ledger.ndjson'),
    ...keys,
    '--json',
  ]);
  assert.equal(stderr, '');
  return { ...(JSON.parse(stdout) as VerifyOutcome), status };
}

/** The ledger's files alone, in a new directory, so that one can be spoilt. */
function copyLedger(t: TestContext, { directory, ...rest }: Served): Served {
  const copy = temporaryDirectory(t);
  for (const name of readdirSync(directory).filter((file) => file.endsWith('.ndjson'))) {
    copyFileSync(join(directory, name), join(copy, name));
    chmodSync(join(copy, name), 0o600);
  }
  return { directory: copy, ...rest };
}

test('a rotated ledger of a real control plane verifies whole, and no part of it can be spoilt unseen', async (t) => {
  const served = await servedLedger(t);
  const whole = await verify(served);
  assert.equal(whole.status, 0, JSON.stringify(whole));
  assert.equal(whole.verified, whole.records);
  // Its log is there, too; that nobody pinned its key or a witness is told.
  assert.deepEqual(whole.unmeasured, { origin: 2, log_checkpoint: 1, log_cosignature: 1 });
  assert.deepEqual(whole.logs[0]?.words, ['log key not pinned', 'unwitnessed']);
  const names = readdirSync(served.directory);
  const rotated = names.filter((name) => /^ledger\.[0-9]{6}\.ndjson$/.test(name)).sort();
  const disclosures = names.filter((name) => name.endsWith('.disclosures.ndjson')).sort();
  assert.ok(rotated.length >= 2, `${rotated.length} files were rotated`);
  assert.ok(disclosures.length >= 2);

  const spoilt = async (spoil: (directory: string) => void): Promise<VerifyOutcome> => {
    const copy = copyLedger(t, served);
    spoil(copy.directory);
    const outcome = await verify(copy);
    assert.equal(outcome.status, 1, JSON.stringify(outcome));
    return outcome;
  };
  const edit = (name: string, change: (text: string) => string) => (directory: string) => {
    const file = join(directory, name);
    writeFileSync(file, change(readFileSync(file, 'utf8')));
  };
  const [first = '', second = ''] = rotated;
  const [disclosed = ''] = disclosures;
  const flipped = await spoilt(
    edit(first, (text) =>
      text.replace(/"duration_us":(\d)/, (_, digit) => `"duration_us":${(Number(digit) % 9) + 1}`),
    ),
  );
  assert.ok((flipped.wrong.mac ?? 0) > 0 && (flipped.wrong.segment ?? 0) > 0);
  const missing = await spoilt((directory) =>
    renameSync(join(directory, second), join(directory, 'gone')),
  );
  assert.ok((missing.wrong.gap ?? 0) > 0);
  const renamed = await spoilt((directory) => {
    renameSync(join(directory, first), join(directory, 'gone'));
    renameSync(join(directory, second), join(directory, first));
  });
  assert.ok((renamed.wrong.segment ?? 0) > 0);
  const told = await spoilt(
    edit(disclosed, (text) => text.replace('"value":"agent', '"value":"Agent')),
  );
  assert.deepEqual(told.wrong, { disclosure: 1 });
  const cut = await spoilt(edit('ledger.ndjson', (text) => text.slice(0, -20)));
  assert.equal(cut.wrong.torn, 1);
});

test('the log of a real control plane holds under its key and a witness, and kept what it promised to the SDK', async (t) => {
  const served = await servedLedger(t);
  const vkey = readFileSync(join(served.directory, 'ledger.vkey'), 'utf8').trim();
  const log = join(served.directory, 'ledger.log');
  const { text } = parseNote(readFileSync(join(log, 'checkpoint'), 'utf8'));
  const { size } = parseCheckpointText(text);
  const line = cosign(text, Math.floor(Date.now() / 1000), WITNESS, WITNESS_KEY);
  mkdirSync(join(log, 'cosignatures'), { recursive: true });
  writeFileSync(join(log, `cosignatures/${size}`), `${line}\n`);
  const pins = ['--vkey', vkey, '--witness', WITNESS_VKEY, '--receipts', served.receipts];
  const whole = await verify({ ...served, keys: [...served.keys, ...pins] });
  assert.equal(whole.status, 0, JSON.stringify(whole));
  assert.deepEqual(whole.unmeasured, { origin: 2 });
  const [{ words, promises, lines } = assert.fail('no log')] = whole.logs;
  assert.deepEqual([words, lines], [['verified', 'witnessed by 1'], whole.records]);
  assert.ok(promises.kept > 0 && promises.broken + promises.unmeasured === 0);

  const file = join(served.directory, 'ledger.ndjson');
  chmodSync(file, 0o600);
  writeFileSync(file, readFileSync(file, 'utf8').replace(/[^\n]+\n$/, ''));
  const cut = await verify({ ...served, keys: [...served.keys, ...pins] });
  assert.deepEqual([cut.status, cut.wrong.log_size], [1, 1]);
});

test('what is missing of a served ledger is told with what to do about it', async (t) => {
  const served = await servedLedger(t);
  const alone = copyLedger(t, served);
  const rotated = readdirSync(alone.directory).filter((name) => /\.[0-9]{6}\./.test(name));
  const elsewhere = temporaryDirectory(t);
  for (const name of rotated) renameSync(join(alone.directory, name), join(elsewhere, name));
  const torn = await verify(alone);
  assert.equal(torn.status, 1);
  const [first] = torn.findings;
  assert.deepEqual([first?.check, first?.line], ['received_mac', 1]);
  assert.match(
    first?.message ?? '',
    /if this ledger was rotated, what comes before is in ledger\.000001\.ndjson and so on/,
  );
  for (const name of rotated) renameSync(join(elsewhere, name), join(alone.directory, name));
  assert.equal((await verify(alone)).status, 0);

  const [agentKey = '', controlKey = ''] = served.keys.filter((arg) => arg !== '--key-file');
  for (const [named, missing, where] of [
    [agentKey, controlKey, /control\.key in its state directory/],
    [controlKey, agentKey, /name the file that holds it with --key-file/],
  ] as const) {
    const outcome = await verify({ ...served, keys: ['--key-file', named] });
    assert.equal(outcome.status, 0);
    const { keyId } = readApiKey(readFileSync(missing, 'utf8').trim());
    const [note, ...others] = outcome.findings.filter(({ check }) => check === 'mac');
    assert.deepEqual(others, []);
    assert.ok(note?.message.startsWith(`MAC unmeasured: no key ${keyId} was named; `));
    assert.match(note?.message ?? '', where);
  }
});

test('the names of agents are shown from the disclosures of all rotated files', async (t) => {
  const { directory } = await servedLedger(t);
  const { stdout } = await runVantio(['show', join(directory, 'ledger.ndjson'), '--limit', '1000']);
  for (const name of ['agent 0 0', 'agent 3 19', 'agent 5 19'])
    assert.match(stdout, new RegExp(`shield {2}${name} {2}`));
  assert.doesNotMatch(stdout, /shield {2}#/);
});
