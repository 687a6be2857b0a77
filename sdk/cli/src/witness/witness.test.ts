import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { cleanEnvironment, endOf } from '../testing/run-vantio.ts';
import { sampleLog } from '../testing/sample-log.ts';
import { assertEnded, witnessSetup } from '../testing/witness-setup.ts';
import { openState } from './state.ts';
import { readLogKeys } from './verifier-keys.ts';
import { createWitness } from './witness.ts';
import { readWitnessKey } from './witness-key.ts';

const KILLED = fileURLToPath(new URL('../testing/killed-witness.js', import.meta.url));

test('killed before it signs, it knows the tree: it cosigns no other of that size, and this one still', async (t) => {
  const setup = await witnessSetup(t);
  const { directory, log } = setup;
  await log.grow(6);
  const files = [
    join(directory, 'witness.key'),
    join(directory, 'log.vkey'),
    join(directory, 'state'),
    join(log.directory, 'checkpoint'),
  ];
  const killed = await endOf(
    spawn(process.execPath, [KILLED, ...files], { env: cleanEnvironment() }),
  );
  assert.deepEqual([killed.signal, killed.stderr], ['SIGKILL', '']);

  const other = await sampleLog(join(directory, 'other'), { forkAt: 4 });
  await other.grow(6);
  setup.server.become(other);
  const alarmFile = join(directory, 'fork.json');
  assertEnded(await setup.once('--alarm', alarmFile), 3, /two trees of size 6/);
  assert.equal(existsSync(join(other.directory, 'cosignatures')), false);

  setup.server.become(log);
  assert.equal((await setup.once()).status, 0);
  assert.equal(existsSync(join(log.directory, 'cosignatures', '6')), true);
});

test('of two checkpoints that come at once from one old size, one is judged by what the other left', async (t) => {
  const { directory, log } = await witnessSetup(t);
  const first = await log.grow(4);
  const second = await log.grow(6);
  const third = await log.grow(9);
  const state = openState(join(directory, 'state'));
  t.after(() => state.close());
  const witness = createWitness({
    logs: readLogKeys(join(directory, 'log.vkey')),
    state,
    cosigner: readWitnessKey(join(directory, 'witness.key')),
    isBarred: () => false,
    now: () => 1,
  });
  assert.equal(witness.consider(first, { old: 0, proof: [] }).verdict, 'cosigned');
  const proofs = [await log.consistency(4, 6), await log.consistency(4, 9)];
  const [late, early] = await Promise.all([
    Promise.resolve().then(() => witness.consider(third, { old: 4, proof: proofs[1] ?? [] })),
    Promise.resolve().then(() => witness.consider(second, { old: 4, proof: proofs[0] ?? [] })),
  ]);
  assert.equal(late.verdict, 'cosigned');
  assert.equal('fault' in early && early.fault, 'old_size');
  assert.equal(state.read(log.origin).seen?.size, 9);
});

test('a witness that lost its state directory to another signs nothing', async (t) => {
  const { directory, log } = await witnessSetup(t);
  const bytes = await log.grow(4);
  const state = openState(join(directory, 'state'));
  const witness = createWitness({
    logs: readLogKeys(join(directory, 'log.vkey')),
    state,
    cosigner: readWitnessKey(join(directory, 'witness.key')),
    isBarred: () => false,
    now: () => 1,
  });
  // As if another had found the lock stale.
  state.close();
  assert.throws(() => witness.consider(bytes), /another witness took the state/);
  assert.equal(state.read(log.origin).seen, undefined);
});
