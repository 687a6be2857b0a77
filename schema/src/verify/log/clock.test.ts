import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Finding } from '../finding.ts';
import { createClock } from './clock.ts';

const secondsOf = (instant: string): number => Date.parse(instant) / 1000;

function findings(receivedAt: string, ...times: readonly number[]): readonly Finding[] {
  const found: Finding[] = [];
  const clock = createClock((finding) => found.push(finding));
  clock.see(receivedAt, { file: 'ledger', line: 1 });
  clock.hold(times);
  return found;
}

test('a line that came in more than five minutes after a witness had it is told, in any year that an instant can name', () => {
  for (const year of ['1970', '2026', '2254', '2256', '2300', '9998']) {
    const cosigned = secondsOf(`${year}-06-01T10:00:00Z`);
    assert.equal(findings(`${year}-06-01T10:05:00.000000Z`, cosigned).length, 0, year);
    const [found] = findings(`${year}-06-01T10:05:00.000001Z`, cosigned + 60, cosigned);
    assert.equal(found?.check, 'clock', year);
  }
});

test('no line is later than a time after which there are no instants', () => {
  const last = '9999-12-31T23:59:59.999999Z';
  for (const time of [secondsOf('9999-12-31T23:59:59Z'), 2 ** 50, 2 ** 63])
    assert.deepEqual(findings(last, time), []);
});
