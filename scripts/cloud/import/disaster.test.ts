import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startMirror } from '@vantio/functions/cloud/mirror';
import { openDatabase } from '../../../functions/dist/cloud/spanner/open-database.js';
import { createLedger, skip } from '../../../functions/dist/cloud/testing/emulated.js';
import { createEmitter, ndjson } from '../../../functions/dist/testing/emitter.js';
import { createHouse, post } from '../../../functions/dist/testing/local.js';
import { vantio } from '../../e2e/run.ts';
import { agents, disclosuresOf, keyFileOf, textOf } from './local-ledger.ts';

// The clients that the functions opened live as long as an instance does.
after(() => void setTimeout(() => process.exit(), 500).unref());

async function until(condition: () => Promise<boolean>): Promise<void> {
  for (let waited = 0; waited < 30_000; waited += 100) {
    if (await condition()) return;
    await sleep(100);
  }
  assert.fail('it did not come to be');
}

test('a ledger whose database is gone is rebuilt from its exports: the same records, verified, to the byte', {
  skip,
}, async (t) => {
  const house = createHouse(t);
  const ddl = readFileSync('schema/spanner_ledger.ddl', 'utf8');
  const keys = ['acme', 'globex'].map((tenant) => ({ tenant, key: house.key(tenant, 'paid') }));
  const mirror = await startMirror({ stateDir: house.stateDir, ddl });
  t.after(mirror.close);
  const lost = await openDatabase({ path: mirror.database, role: undefined, concurrency: 1 });
  let sent = 0;
  for (const { key } of keys) {
    const emitter = createEmitter(key);
    for (const records of [
      [emitter.start(), ...agents(emitter, 30)],
      agents(emitter, 30),
      [emitter.seal({ event_type: 'session_end', end_reason: 'exit' })],
    ]) {
      assert.equal((await post(mirror.url, key, ndjson(records))).status, 202);
      sent += records.length;
    }
  }
  await until(async () => {
    const [rows] = await lost.run({ sql: 'SELECT COUNT(*) AS N FROM TrueTimeLedger', json: true });
    return (rows[0] as unknown as { N: number }).N === sent;
  });

  const files = keys.map(({ tenant, key }) => ({
    key: keyFileOf(house.directory, tenant, key),
    first: `${house.directory}/${tenant}.ndjson`,
    second: `${house.directory}/${tenant}.again.ndjson`,
  }));
  const done = async (...args: readonly string[]): Promise<string> => {
    const { status, stdout, stderr } = await vantio(...args);
    assert.equal(status, 0, `${args.join(' ')}\n${stdout}${stderr}`);
    return stdout;
  };
  const give = (path: string, key: string, out: string): Promise<string> =>
    done('export', '--database', path, '--key-file', key, '--out', out);
  for (const { key, first } of files) await give(mirror.database, key, first);
  await lost.delete();
  const gone = await vantio(
    'export',
    '--database',
    mirror.database,
    '--key-file',
    files[0]?.key ?? '',
    '--out',
    `${house.directory}/none.ndjson`,
  );
  assert.match(gone.stderr, /there is no such database/);

  const rebuilt = await createLedger();
  t.after(() => rebuilt.database.close());
  for (const { key, first, second } of files) {
    await done('import', first, '--database', rebuilt.path, '--key-file', key);
    await give(rebuilt.path, key, second);
    const verified = JSON.parse(await done('verify', second, '--key-file', key, '--json'));
    assert.equal(verified.records, 62, 'every record that was sent');
    assert.equal(verified.verified, 62);
    assert.equal(textOf([second]), textOf([first]));
    assert.equal(disclosuresOf([second]).length, 20);
    assert.deepEqual(disclosuresOf([second]), disclosuresOf([first]));
  }
});
