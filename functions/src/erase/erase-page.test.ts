import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

const ROOT = new URL('../../../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, ROOT), 'utf8');

const rowOf = (page: string, begins: string): string =>
  page.split('\n').find((line) => line.startsWith(`| ${begins}`)) ?? '';

test('how long a value is still held is told as infra and the SDK have it', () => {
  const page = read('functions/ERASE.md');
  const days = (file: string, setting: RegExp, unit: number): number =>
    Number(setting.exec(read(file))?.[1]) / unit;
  const delivery = days(
    'infra/src/messaging/delivery.ts',
    /messageRetentionDuration: '(\d+)s'/,
    86_400,
  );
  const letters = days(
    'infra/src/messaging/dead-letter.ts',
    /messageRetentionDuration: '(\d+)s'/,
    86_400,
  );
  const versions = days('infra/src/ledger/database.ts', /versionRetentionPeriod: '(\d+)d'/, 1);
  const topics = read('infra/src/messaging/topics.ts');
  const [, seven] = /SEVEN_DAYS = '(\d+)s'/.exec(topics) ?? [];
  const [, thirtyOne] = /THIRTY_ONE_DAYS = '(\d+)s'/.exec(topics) ?? [];
  assert.equal(Number(seven) / 86_400, delivery);
  assert.equal(Number(thirtyOne) / 86_400, letters);
  assert.match(
    rowOf(page, 'Spanner, read at a time before'),
    new RegExp(`\\| ${versions} days \\|`),
  );
  assert.match(rowOf(page, 'messages of'), new RegExp(`\\| ${delivery} days \\|`));
  assert.match(rowOf(page, 'dead letters'), new RegExp(`\\| ${letters} days \\|`));

  const spool = /MAX_SPOOL_BYTES = (\d+) \* 1024 \* 1024/.exec(
    read('sdk/node/src/emit/spool-dir.ts'),
  );
  assert.match(rowOf(page, "the SDK's spool"), new RegExp(`at most ${spool?.[1]} MiB`));
  const ddl = read('schema/spanner_ledger.ddl');
  assert.match(ddl, /CREATE CHANGE STREAM LedgerExports FOR TrueTimeLedger\n/);
  assert.doesNotMatch(
    read('schema/spanner_roles.ddl'),
    /SELECT ON TABLE [^;]*Disclosures[^;]*TO ROLE compliance_reader/,
  );
});
