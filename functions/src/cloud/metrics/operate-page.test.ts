import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { METRICS } from './definitions.ts';

test('OPERATE.md names every metric with its labels, and none that is not there', () => {
  const page = readFileSync(new URL('../../../OPERATE.md', import.meta.url), 'utf8');
  const rows = page.split('\n').filter((line) => line.startsWith('| `vantio.'));
  const named = new Map(
    rows.flatMap((row) => {
      const [, metrics = '', labels = ''] = row.split('|');
      return [...metrics.matchAll(/`(vantio\.[a-z_.]+)`/g)].map(([, name = '']) => [
        name,
        [...labels.matchAll(/`([a-z]+)`/g)].map(([, label]) => label),
      ]);
    }) as [string, string[]][],
  );
  const measured = Object.entries(METRICS).map(([name, { labels }]) => [name, Object.keys(labels)]);
  assert.deepEqual(Object.fromEntries(named), Object.fromEntries(measured));
});
