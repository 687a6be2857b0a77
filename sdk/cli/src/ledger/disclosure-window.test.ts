import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type AuditRecord, canonicalize, commitment } from '@vantio/schema';
import { temporaryDirectory } from '../testing/temporary-directory.ts';
import { createDisclosureWindow, type DisclosureFault } from './disclosure-window.ts';

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

function faultsOf(
  directory: string,
  lines: readonly string[],
  records: readonly AuditRecord[],
): DisclosureFault[] {
  const file = join(directory, 'd.ndjson');
  writeFileSync(file, lines.map((line) => `${line}\n`).join(''));
  const faults: DisclosureFault[] = [];
  const window = createDisclosureWindow(file, (fault) => faults.push(fault));
  for (const record of records) window.check(record);
  window.finish();
  return faults;
}

test('any number of disclosures in ledger order, with erased ones left out, have no fault', (t) => {
  const all = disclosed(30_000);
  const kept = all.filter((_, at) => at % 3 !== 0 && (at < 5000 || at > 20_000));
  const faults = faultsOf(
    temporaryDirectory(t),
    kept.map(({ line }) => line),
    all.map(({ record }) => record),
  );
  assert.deepEqual(faults, []);
});

test('strays are each named by their line and do not stop the join', (t) => {
  const all = disclosed(20_000);
  const strays = disclosed(10_100)
    .slice(10_000)
    .map(({ line }) => line.replace('019b', '019c'));
  const lines = all.map(({ line }) => line).toSpliced(5000, 0, ...strays);
  const faults = faultsOf(
    temporaryDirectory(t),
    lines,
    all.map(({ record }) => record),
  );
  assert.equal(faults.length, 100);
  assert.ok(
    faults.every(
      ({ message }) => message === 'discloses a field of no record near its place in the ledger',
    ),
  );
  assert.deepEqual([faults[0]?.line, faults[99]?.line], [5001, 5100]);
});

test('a field disclosed twice, otherwise, is told', (t) => {
  const [one] = disclosed(1);
  assert.ok(one);
  const other = one.line.replace('/etc/', '/usr/');
  const faults = faultsOf(temporaryDirectory(t), [one.line, other, one.line], [one.record]);
  assert.deepEqual(
    faults.map(({ line, message }) => [line, message]),
    [[2, 'is disclosed already, otherwise, in line 1']],
  );
});
