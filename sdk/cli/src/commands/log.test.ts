import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { copyFileSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { createKey, startLocal } from '@vantio/functions/local';
import { createSession, type RecordDraft, readApiKey, recordKey } from '@vantio/schema';
import { runVantio } from '../testing/run-vantio.ts';
import { temporaryDirectory } from '../testing/temporary-directory.ts';
import type { VerifyOutcome } from '../verify/outcome.ts';

/** A ledger that an agent wrote to, a key that its user pinned, and a witness that looked. */
async function pinnedLedger(t: TestContext) {
  const cwd = temporaryDirectory(t);
  const stateDir = join(cwd, 'state');
  const ledger = join(cwd, 'ledger.ndjson');
  const start = async () => {
    const options = { outputFile: ledger, stateDir, port: 0, appendOnly: false, log: () => {} };
    const server = await startLocal(options);
    t.after(() => server.close());
    return server;
  };
  const vantio = async (status: number, ...args: readonly string[]): Promise<string> => {
    const ran = await runVantio(args, { cwd, env: { VANTIO_SPOOL_DIR: join(cwd, 'spool') } });
    assert.equal(ran.status, status, `${args.join(' ')}: ${ran.stderr}${ran.stdout}`);
    return ran.stdout + ran.stderr;
  };
  const keyFile = join(cwd, 'agent.key');
  const apiKey = (await start().then(async (server) => {
    const made = createKey(stateDir, { tenantId: 'acme' });
    await server.close();
    return made;
  })) as string;
  writeFileSync(keyFile, `${apiKey}\n`, { mode: 0o600 });
  copyFileSync(join(cwd, 'ledger.vkey'), join(cwd, 'pinned.vkey'));
  const named = ['--name', 'witness.example/w1'];
  const witness = (await vantio(0, 'witness', 'keygen', '--out', 'witness.key', ...named)).trim();
  writeFileSync(join(cwd, 'ledger.log', 'witnesses'), `${witness}\n`);
  const receipts = join(cwd, 'spool', apiKey.split('.')[2] ?? '', 'receipts.ndjson');
  /** A server runs, an agent writes, the witness looks, and the promises are judged. */
  const live = async (): Promise<string> => {
    const server = await start();
    const reached = ['--url', server.url, '--key-file', keyFile, '--vkey', 'pinned.vkey'];
    const program = [process.execPath, '-e', `fetch('${server.url}/healthz')`];
    const sent = ['--key-file', keyFile, '--ingest-url', server.url];
    await vantio(0, 'run', '-q', ...sent, '--', ...program);
    const mine = ['--witness-key', 'witness.key', '--state', 'witness-state'];
    await vantio(0, 'witness', ...reached, ...mine, '--once');
    const judged = ['--witness', witness, '--receipts', receipts];
    const said = await vantio(0, 'monitor', ...reached, ...judged);
    await server.close();
    return said;
  };
  const verify = async (status: number, ...more: readonly string[]): Promise<VerifyOutcome> => {
    const keys = ['--key-file', keyFile, '--key-file', join(stateDir, 'control.key')];
    const pins = ['--vkey', 'pinned.vkey', '--witness', witness, '--receipts', receipts];
    return JSON.parse(await vantio(status, 'verify', ledger, ...keys, ...pins, '--json', ...more));
  };
  const log = (status: number, command: string, ...more: readonly string[]) =>
    vantio(status, 'log', command, ledger, '--state-dir', stateDir, ...more);
  const faults = ({ findings }: VerifyOutcome) =>
    findings.filter(({ severity }) => severity === 'wrong');
  return { cwd, stateDir, ledger, apiKey, start, live, log, verify, vantio, faults };
}

test('who pinned the first key follows to the third: verify, witness, monitor, receipts and all', async (t) => {
  const { cwd, live, log, verify, vantio, ledger, stateDir, faults } = await pinnedLedger(t);
  await live();
  const ids: string[] = [];
  for (const reason of [[], ['--reason', 'yearly']]) {
    const rotated = JSON.parse(await log(0, 'rotate', '--json', ...reason));
    ids.push(rotated.key_id, rotated.next_key_id);
    assert.match(await live(), /promises kept \d+, broken 0, wrong 0/);
    assert.equal(existsSync(join(cwd, 'witness-state', 'alarm.json')), false);
    const outcome = await verify(0);
    assert.deepEqual(faults(outcome), []);
    assert.equal(outcome.logs[0]?.keyId, rotated.next_key_id);
  }
  assert.equal(ids[1], ids[2]);
  const { logs } = await verify(0);
  assert.deepEqual(
    logs[0]?.keys.map(({ keyId }) => keyId),
    [ids[0], ids[1], ids[3]],
  );
  assert.match(await log(0, 'revoke', ids[1] ?? '', '--reason', 'key_exposed'), /is revoked\n$/);
  assert.match(await log(0, 'revoke', ids[1] ?? ''), /was revoked before\n$/);
  await live();
  const pins = ['--vkey', 'pinned.vkey'];
  const said = await vantio(0, 'verify', ledger, ...pins);
  assert.match(
    said,
    new RegExp(
      `log key ${ids[1]}  took over at size \\d+, handed over at size \\d+, revoked by entry`,
    ),
  );
  assert.match(said, new RegExp(`log key ${ids[3]}  took over at size \\d+, in charge`));
  // The key in charge signs what is converted.
  const statement = ['convert', ledger, '--to', 'in-toto', '--out', 'statement.json'];
  const keys = ['agent.key', join(stateDir, 'control.key')].flatMap((key) => ['--key-file', key]);
  await vantio(0, ...statement, ...keys, '--state-dir', stateDir);
});

test('an emitter has nothing to say of the log’s keys, whatever it calls itself', async (t) => {
  const { cwd, apiKey, start, live, verify, faults } = await pinnedLedger(t);
  await live();
  const [, keyInCharge = ''] = readFileSync(join(cwd, 'pinned.vkey'), 'utf8').split('+');
  const { tenantId, keyId } = readApiKey(apiKey);
  const session = createSession({
    ...{ tenantId, keyId, source: 'cli' },
    recordKey: recordKey(apiKey),
    sessionKey: generateKeyPairSync('ed25519').privateKey,
  });
  const common = { action_taken: 'RECORDED', evidence: 'observed', trace_origin: 'none' } as const;
  const lines = [
    {
      ...{ event_type: 'session_start', session_public_key: session.publicKey },
      ...{ emitter: 'test', emitter_version: '1' },
    },
    { event_type: 'signer_revoked', signer_id: keyInCharge },
    { event_type: 'signer_rotated', signer_id: keyInCharge, next_signer_id: '00000000' },
    { event_type: 'session_end', end_reason: 'shutdown' },
  ].map(
    (draft) => session.seal({ ...common, ...draft } as RecordDraft, Date.now() * 1000).envelope,
  );
  const server = await start();
  const { status } = await fetch(`${server.url}/api/v1/ingest`, {
    method: 'POST',
    headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/x-ndjson' },
    body: lines.join('\n'),
  });
  assert.equal(status, 202);
  await server.close();
  await live();
  const outcome = await verify(0);
  assert.deepEqual([faults(outcome), outcome.unmeasured.log_checkpoint], [[], undefined]);
  assert.deepEqual(outcome.logs[0]?.keys, []);
});

test('without the note that hands over, or with one that the record does not bear out, the log is refused', async (t) => {
  const { cwd, live, log, verify, faults, ledger } = await pinnedLedger(t);
  await live();
  await log(0, 'rotate');
  await live();
  const note = join(cwd, 'ledger.log', 'rotations', '1');
  renameSync(note, `${note}.away`);
  const [fault] = faults(await verify(1));
  assert.equal(fault?.check, 'log_checkpoint');
  assert.match(fault?.message ?? '', /not signed by a log key that was pinned/);
  // A reader whose witness has seen the first key alone is told as well.
  const text = readFileSync(`${note}.away`, 'utf8');
  writeFileSync(note, text.replace(/\nto .*\n/, '\n'));
  assert.match(faults(await verify(1))[0]?.message ?? '', /two lines after its root/);
  rmSync(note);
  renameSync(`${note}.away`, note);
  // The record taken for another one: the tree does not hold it any more.
  const lines = readFileSync(ledger, 'latin1');
  writeFileSync(
    ledger,
    lines.replace('"event_type":"signer_rotated"', '"event_type":"signer_revoked"'),
    'latin1',
  );
  const messages = faults(await verify(1)).map(({ message }) => message);
  assert.ok(
    messages.some((message) => /no record of the tree/.test(message)),
    messages.join('\n'),
  );
});

test('what is typed wrong, and what cannot be done, is told in one sentence', async (t) => {
  const { log, vantio, stateDir, ledger } = await pinnedLedger(t);
  const told = /^vantio: [^\n]+\n$/;
  for (const args of [
    ['rotate', 'ledger.txt'],
    ['rotate', 'none.ndjson', '--state-dir', stateDir],
    ['rotate', ledger, '--state-dir', 'none'],
    ['rotate', ledger, '--reason', 'Because'],
    ['revoke', ledger, 'xyz'],
    ['revoke', ledger],
    ['revoke', ledger, '00000000', '--state-dir', stateDir],
  ])
    assert.match(await vantio(2, 'log', ...args), told, args.join(' '));
  const { next_key_id: id } = JSON.parse(await log(0, 'rotate', '--json'));
  assert.match(await log(2, 'revoke', id), /signs the log now: hand over to another/);
});
