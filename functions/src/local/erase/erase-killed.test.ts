import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { createEmitter, ndjson } from '../../testing/emitter.ts';
import { readLedger, verifyLedger } from '../../testing/ledger.ts';
import { createHouse, type House, post } from '../../testing/local.ts';
import { requireSound } from '../../testing/log.ts';
import { namedEvents } from '../../testing/named-events.ts';
import { type EraseStep, eraseLocal } from './erase-local.ts';

/** Erases in a process of its own, which ends by SIGKILL when it has done so many steps. */
const KILLED = `
  const [, script, ledgerFile, stateDir, after] = process.argv;
  const { eraseLocal } = await import(script);
  let steps = 0;
  await eraseLocal({ ledgerFile, stateDir, selection: { tenantId: 'acme' }, log: () => {},
    onStep: () => { if (++steps === Number(after)) process.kill(process.pid, 'SIGKILL'); } });
`;

const valuesIn = (directory: string): string =>
  readdirSync(directory)
    .filter((name) => name.includes('.disclosures.'))
    .map((name) => readFileSync(join(directory, name), 'utf8'))
    .join('');

async function filled(house: House): Promise<readonly string[]> {
  const server = await house.start({ maxSegmentBytes: 10_000 });
  const keys = ['acme', 'globex'].map((tenant) => house.key(tenant));
  for (const key of keys) {
    const emitter = createEmitter(key);
    for (let batch = 0; batch < 3; batch++) {
      const records = [...(batch === 0 ? [emitter.start()] : []), ...namedEvents(emitter, 15)];
      assert.equal((await post(server.url, key, ndjson(records))).status, 202);
    }
  }
  await server.close();
  return [...keys, house.controlKey()];
}

test('killed after any step, an erasure is not begun, or is finished by the same call again', async (t) => {
  const first = createHouse(t);
  const keys = await filled(first);
  const pristine = createHouse(t).directory;
  cpSync(first.directory, pristine, { recursive: true });
  const steps: EraseStep[] = [];
  const erase = (house: House, onStep = (_: EraseStep): void => {}) =>
    eraseLocal({
      ledgerFile: house.ledger,
      stateDir: house.stateDir,
      selection: { tenantId: 'acme' },
      log: () => {},
      onStep,
    });
  const whole = await erase(first, (step) => steps.push(step));
  assert.equal(whole.values, 45);
  assert.ok(whole.files > 2, 'rotated files are among them');
  assert.equal(steps.length, 3 + 3 * whole.files);

  for (let after = 1; after <= steps.length; after++) {
    const house = createHouse(t);
    cpSync(pristine, house.directory, { recursive: true });
    const script = new URL('./erase-local.js', import.meta.url).href;
    const { signal } = spawnSync(process.execPath, [
      '--input-type=module',
      '-e',
      KILLED,
      script,
      house.ledger,
      house.stateDir,
      String(after),
    ]);
    assert.equal(signal, 'SIGKILL', `after ${steps[after - 1]}`);
    const before = valuesIn(house.directory);
    if (after === 1) assert.match(before, /"tenant_id":"acme"/);
    const again = await erase(house);
    assert.equal(
      again.recordedBefore,
      after === 1 ? 0 : again.values,
      `killed after step ${after}`,
    );

    const left = valuesIn(house.directory);
    assert.doesNotMatch(left, /"tenant_id":"acme"/);
    assert.equal(left.match(/"tenant_id":"globex"/g)?.length, 45);
    assert.ok(!readdirSync(house.directory).some((name) => name.endsWith('.erasing')));
    const tombstones = readLedger(house.ledger).filter(
      ({ record }) => record.event_type === 'erasure',
    );
    assert.equal(tombstones.length, 45);
    assert.equal(new Set(tombstones.map(({ record }) => record.subject_event_id)).size, 45);
    assert.deepEqual(verifyLedger(house.ledger, keys).wrong, {});
    // A server goes on from there, and seals what a killed erasure had not.
    const server = await house.start({ maxSegmentBytes: 10_000 });
    await server.close();
    const { size } = await requireSound(house.ledger);
    assert.equal(size, readLedger(house.ledger).length);
  }
});
