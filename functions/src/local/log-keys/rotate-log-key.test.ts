import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openCheckpoint, parseCheckpointText } from '@vantio/schema/tlog/checkpoint';
import { signersOf, termsOf } from '@vantio/schema/tlog/key-terms';
import { parseNote } from '@vantio/schema/tlog/note';
import { parseVerifierKey } from '@vantio/schema/tlog/note-keys';
import { openRotation } from '@vantio/schema/tlog/rotation';
import { createEmitter, ndjson } from '../../testing/emitter.ts';
import { readLedger, verifyLedger } from '../../testing/ledger.ts';
import { createHouse, type House, post } from '../../testing/local.ts';
import { logDirectoryOf, requireSound, verifiersOf } from '../../testing/log.ts';
import { revokeLogKey } from './revoke-log-key.ts';
import { type RotateStep, rotateLogKey } from './rotate-log-key.ts';

/** Rotates in a process of its own, which ends by SIGKILL when it has done so many steps. */
const KILLED = `
  const [, script, ledgerFile, stateDir, after] = process.argv;
  const { rotateLogKey } = await import(script);
  let steps = 0;
  await rotateLogKey({ ledgerFile, stateDir, log: () => {},
    onStep: () => { if (++steps === Number(after)) process.kill(process.pid, 'SIGKILL'); } });
`;

const STEPS: readonly RotateStep[] = ['made', 'recorded', 'sealed', 'handed over', 'in charge'];

const optionsOf = ({ ledger, stateDir }: House) => ({
  ledgerFile: ledger,
  stateDir,
  log: (message: string, error?: unknown) => assert.fail(`${message}: ${error}`),
});

async function fill(house: House, records = 40): Promise<string> {
  const server = await house.start();
  const key = house.key();
  assert.equal(
    (await post(server.url, key, ndjson(createEmitter(key).batch(records)))).status,
    202,
  );
  await server.close();
  return key;
}

const read = (house: House, path: string): string =>
  readFileSync(join(logDirectoryOf(house.ledger), path), 'utf8');

const pinned = (house: House): readonly string[] =>
  readFileSync(house.ledger.replace(/ndjson$/, 'vkey'), 'utf8')
    .trim()
    .split('\n');

/** Every checkpoint of the log is signed as whoever pinned one of its keys wants it. */
function requireFollowed(house: House, vkey: string): number {
  const directory = logDirectoryOf(house.ledger);
  const rotations = existsSync(join(directory, 'rotations'))
    ? readdirSync(join(directory, 'rotations'))
        .filter((name) => /^\d+$/.test(name))
        .sort()
        .map((name) => openRotation(read(house, `rotations/${name}`)))
    : [];
  const terms = termsOf([parseVerifierKey(vkey)], rotations);
  const sizes = readdirSync(join(directory, 'checkpoints')).filter((name) => /^\d+$/.test(name));
  for (const path of ['checkpoint', ...sizes.map((size) => `checkpoints/${size}`)]) {
    const note = parseNote(read(house, path));
    signersOf(note, parseCheckpointText(note.text), terms);
  }
  return rotations.length;
}

test('one key hands over to the next, and whoever pinned either follows', async (t) => {
  const house = createHouse(t);
  const apiKey = await fill(house);
  const [first = ''] = pinned(house);
  for (let rotation = 1; rotation <= 2; rotation++) {
    const steps: RotateStep[] = [];
    const rotated = await rotateLogKey({
      ...optionsOf(house),
      reasonCode: 'yearly',
      onStep: (step) => steps.push(step),
    });
    assert.deepEqual(steps, STEPS);
    const both = openCheckpoint(
      read(house, `checkpoints/${rotated.size}`),
      verifiersOf(house.ledger),
    );
    assert.deepEqual(
      both.note.signatures.map(({ keyId }) => keyId),
      [rotated.keyId, rotated.nextKeyId],
    );
    const records = readLedger(house.ledger)
      .slice(0, rotated.size)
      .filter(({ record }) => record.event_type === 'signer_rotated');
    assert.equal(records.length, rotation);
    const { record } = records.at(-1) ?? assert.fail();
    assert.deepEqual(
      [record.signer_id, record.next_signer_id, record.reason_code],
      [rotated.keyId, rotated.nextKeyId, 'yearly'],
    );
    assert.equal(pinned(house).length, rotation + 1);
    // A server goes on with the next key, and signs receipts with it.
    await fill(house, 5);
    const newest = openCheckpoint(read(house, 'checkpoint'), verifiersOf(house.ledger));
    assert.deepEqual(
      newest.note.signatures.map(({ keyId }) => keyId),
      [rotated.nextKeyId],
    );
    for (const vkey of pinned(house)) assert.equal(requireFollowed(house, vkey), rotation);
  }
  assert.equal(pinned(house)[0], first);
  const secrets = readdirSync(house.stateDir).filter((name) => name.startsWith('log'));
  assert.equal(secrets.length, 2, `the second key is gone: ${secrets}`);
  for (const name of secrets)
    assert.equal(statSync(join(house.stateDir, name)).mode & 0o777, 0o600, name);
  await requireSound(house.ledger);
  assert.deepEqual(verifyLedger(house.ledger, [apiKey, house.controlKey()]).wrong, {});
});

test('killed after any step, a rotation leaves a log of one signer, and goes on with the same call', async (t) => {
  const first = createHouse(t);
  await fill(first);
  const script = new URL('./rotate-log-key.js', import.meta.url).href;
  for (const [at, step] of STEPS.entries())
    for (const isServed of [false, true]) {
      const house = createHouse(t);
      cpSync(first.directory, house.directory, { recursive: true });
      const [vkey = ''] = pinned(house);
      const { signal, stderr } = spawnSync(process.execPath, [
        ...['--input-type=module', '-e', KILLED, script],
        ...[house.ledger, house.stateDir, String(at + 1)],
      ]);
      assert.equal(signal, 'SIGKILL', `after ${step}: ${stderr}`);
      requireFollowed(house, vkey);
      // A server in between signs with the key in charge, whichever it is.
      if (isServed) await fill(house, 3);
      const isDone = requireFollowed(house, vkey) === 1;
      assert.equal(isDone, at >= STEPS.indexOf('handed over'), `after ${step}`);
      if (!isDone) await rotateLogKey(optionsOf(house));
      await fill(house, 3);
      assert.equal(requireFollowed(house, vkey), 1, `after ${step}`);
      assert.equal(pinned(house).length, 2);
      const records = readLedger(house.ledger).filter(
        ({ record }) => record.event_type === 'signer_rotated',
      );
      assert.equal(records.length, 1, `after ${step}`);
      await requireSound(house.ledger);
    }
});

test('a key that handed over is revoked once; the one in charge is not, nor one that never was', async (t) => {
  const house = createHouse(t);
  await fill(house);
  const { keyId, nextKeyId } = await rotateLogKey(optionsOf(house));
  const revoke = (keyId: string) => revokeLogKey({ ...optionsOf(house), keyId });
  await assert.rejects(revoke(nextKeyId), { code: 'key_in_charge' });
  await assert.rejects(revoke('00000000'), { code: 'unknown_log_key' });
  assert.equal(await revoke(keyId), true);
  assert.equal(await revoke(keyId), false);
  const records = readLedger(house.ledger).filter(
    ({ record }) => record.event_type === 'signer_revoked',
  );
  assert.deepEqual(
    records.map(({ record }) => record.signer_id),
    [keyId],
  );
  await requireSound(house.ledger);
});

test('a key that is not the log’s does not sign it, and a ledger in use is left alone', async (t) => {
  const house = createHouse(t);
  await fill(house);
  const server = await house.start();
  await assert.rejects(rotateLogKey(optionsOf(house)), { code: 'ledger_in_use' });
  await server.close();
  const { nextKeyId } = await rotateLogKey(optionsOf(house));
  const own = readdirSync(house.stateDir).find((name) => /^log-.*\.pem$/.test(name)) ?? '';
  const [good, before] = [own, 'log.pem'].map((name) =>
    readFileSync(join(house.stateDir, name), 'utf8'),
  ) as [string, string];
  writeFileSync(join(house.stateDir, own), before, { mode: 0o600 });
  await assert.rejects(house.start(), { name: 'StateDirError', code: 'bad_state' });
  writeFileSync(join(house.stateDir, own), good, { mode: 0o600 });
  const { url, close } = await house.start();
  const rotation = await fetch(`${url}/api/v1/rotations/1`, {
    headers: { authorization: `Bearer ${house.key()}` },
  });
  assert.equal(rotation.status, 200);
  assert.match(await rotation.text(), new RegExp(`\\nto .*\\+${nextKeyId}\\+`));
  const none = await fetch(`${url}/api/v1/rotations/2`, {
    headers: { authorization: `Bearer ${house.key()}` },
  });
  assert.equal(none.status, 404);
  await close();
});
