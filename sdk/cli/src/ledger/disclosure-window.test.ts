import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type AuditRecord, canonicalize, commitment } from '@vantio/schema';
import { temporaryDirectory } from '../testing/temporary-directory.ts';
import { createDisclosureWindow } from './disclosure-window.ts';

/** Records and the disclosures of them; a record is only as much of one as the window looks at. */
const disclosed = (count: number) =>
  Array.from({ length: count }, (_, at) => {
    const event_id = `019b7ca9-8c89-7000-8000-${at.toString(16).padStart(12, '0')}`;
    const disclosure = {
      field: 'file_path',
      salt: randomBytes(32).toString('hex'),
      value: `/etc/${at}`,
    } as const;
    const record = { event_id, tenant_id: 'acme', file_path_commit: commitment(disclosure) };
    return {
      record: record as unknown as AuditRecord,
      line: canonicalize({ event_id, tenant_id: 'acme', ...disclosure }),
    };
  });

/** Lines of the disclosures that opened nothing. */
function strayLines(
  directory: string,
  lines: readonly string[],
  records: readonly AuditRecord[],
): readonly number[] {
  const file = join(directory, 'd.ndjson');
  writeFileSync(file, lines.map((line) => `${line}\n`).join(''));
  const strays: number[] = [];
  const window = createDisclosureWindow(file, ({ message }) => assert.fail(message), {
    onStray: ({ line }) => strays.push(line),
  });
  for (const record of records) window.check(record);
  window.finish();
  return strays;
}

test('any number of disclosures in ledger order, with erased ones left out, have no fault', (t) => {
  const all = disclosed(30_000);
  const kept = all.filter((_, at) => at % 3 !== 0 && (at < 5000 || at > 20_000));
  const strays = strayLines(
    temporaryDirectory(t),
    kept.map(({ line }) => line),
    all.map(({ record }) => record),
  );
  assert.deepEqual(strays, []);
});

test('strays are each told by their line, and do not stop the join', (t) => {
  const all = disclosed(20_000);
  const others = disclosed(10_100)
    .slice(10_000)
    .map(({ line }) => line.replace('019b', '019c'));
  const lines = all.map(({ line }) => line).toSpliced(5000, 0, ...others);
  const strays = strayLines(
    temporaryDirectory(t),
    lines,
    all.map(({ record }) => record),
  );
  assert.deepEqual(
    strays,
    others.map((_, at) => 5001 + at),
  );
});

test('of a field disclosed twice, the one that opens nothing is told', (t) => {
  const [one] = disclosed(1);
  assert.ok(one);
  const other = one.line.replace('/etc/', '/usr/');
  assert.deepEqual(
    strayLines(temporaryDirectory(t), [one.line, other, one.line], [one.record]),
    [2],
  );
});
