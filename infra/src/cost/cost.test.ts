import * as assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { PROFILES } from '../settings/profiles.ts';
import { estimate } from './estimate.ts';
import { logOperations } from './log-operations.ts';
import { BENCHED, MEASURED, perMillion } from './per-million.ts';
import { PRICES, PRICES_OF } from './prices.ts';
import { printEstimate } from './print-estimate.ts';
import { rowBytes } from './row-bytes.ts';

/** How many CPUs a rate keeps busy. */
const cpus = (rate: number, perSecond: number): number => Math.ceil(rate / perSecond);

const page = readFileSync(new URL('../../SCALE.md', import.meta.url), 'utf8');

describe('the cost', () => {
  it('of a month is the sum of its lines', () => {
    for (const profile of Object.values(PROFILES)) {
      const { lines, total } = estimate(profile);
      assert.equal(
        total,
        lines.reduce((sum, { usd }) => sum + usd, 0),
      );
      assert.ok(lines.every(({ usd }) => usd >= 0));
    }
  });

  it('follows what is kept running', () => {
    const { dev, prod } = PROFILES;
    const spanner = { ...dev.spanner, capacity: { kind: 'fixed', processingUnits: 1100 } } as const;
    const more = estimate({ ...dev, spanner }).total - estimate(dev).total;
    assert.ok(Math.abs(more - PRICES.spannerStandard.usd * 730) < 0.01);
    assert.ok(estimate(prod).total > 5 * estimate(dev).total);
  });

  it('is printed with the date of its prices', () => {
    const text = printEstimate('dev', estimate(PROFILES.dev));
    assert.ok(text.includes(PRICES_OF));
    assert.match(text, /a month, before events and taxes +\d+\.\d\d$/);
  });

  it('of a million events is told in SCALE.md as it is computed', () => {
    const { lines, total } = perMillion();
    for (const { what, usd } of lines)
      assert.ok(page.includes(`| ${what} | ${usd.toFixed(3)} |`), what);
    assert.ok(page.includes(`**${total.toFixed(2)}**`));
    for (const profile of Object.values(PROFILES))
      assert.ok(page.includes(`**${estimate(profile).total.toFixed(2)}**`));
    const months = Object.values(PROFILES).map((profile) =>
      Math.round(estimate(profile).total).toLocaleString('en'),
    );
    const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
    assert.ok(
      readme.includes(`| a month before events | ${months.join(' US dollars | ')} US dollars |`),
    );
    const { records: _, ...sizes } = MEASURED;
    for (const bytes of Object.values(sizes))
      assert.ok(page.includes(` | ${bytes} |`), String(bytes));
  });

  it('of the buckets’ operations is below that of the storage, for ten thousand small tenants', () => {
    const { checkpoints, operations, copiedEach, spanner, bucket, bucketKept } = logOperations(
      10_000,
      10_000,
    );
    const kept = bucketKept(PROFILES.prod.tileRetentionDays);
    assert.ok(operations < spanner + bucket);
    assert.ok(operations < kept);
    assert.ok(copiedEach > spanner + kept, 'a copy of each checkpoint would not do');
    for (const usd of [operations, copiedEach, spanner, bucket, kept])
      assert.ok(page.includes(`| ${usd.toFixed(2)} |`), usd.toFixed(2));
    assert.ok(page.includes(Math.round(checkpoints).toLocaleString('en')));
  });

  it('of functions is told with what was measured of them', () => {
    const figures = [
      `| ${BENCHED.ingestEventsPerCpuSecond.toLocaleString('en')} |`,
      `| ${BENCHED.writerEventsPerCpuSecond.toLocaleString('en')} |`,
      `| ${Math.round(1e6 / BENCHED.writerEventsPerCpuSecond)} µs |`,
      `| ${BENCHED.rowsPerCommit} |`,
      `| ${BENCHED.mutationsPerEvent}, ${BENCHED.mutationsPerEventAtMost} |`,
      `By the CPU of an event the writer needs ${cpus(1e5, BENCHED.writerEventsPerCpuSecond)} of its 100`,
      `and ingest ${cpus(1e5, BENCHED.ingestEventsPerCpuSecond)};`,
      `ingest needs ${cpus(1e6, BENCHED.ingestEventsPerCpuSecond)} instances by its CPU`,
      `the writer ${cpus(1e6, BENCHED.writerEventsPerCpuSecond)}, of`,
    ];
    for (const figure of figures) assert.ok(page.includes(figure), figure);
  });

  it('of a row grows with what the record says', () => {
    const record = { tenant_id: 'acme', event_type: 'http_request', seq: 1 };
    const small = rowBytes(JSON.stringify(record)).row;
    const host = { ...record, target_host: 'example.com' };
    const larger = JSON.stringify(host).length - JSON.stringify(record).length;
    assert.equal(rowBytes(JSON.stringify(host)).row - small, larger + 'example.com'.length + 8);
  });

  it('is told with the same prices in SCALE.md', () => {
    assert.ok(page.includes(PRICES_OF));
    for (const { what, usd, per } of Object.values(PRICES))
      assert.ok(page.includes(`| ${what} | ${usd} | ${per} |`), what);
  });
});
