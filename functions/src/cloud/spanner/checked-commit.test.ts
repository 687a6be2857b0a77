import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createCheckedCommit, type TimestampFinding } from './checked-commit.ts';
import type { Inserts } from './insert-rows.ts';

const NOTHING: Inserts = { TrueTimeLedger: [], Disclosures: [] };
const AT = Date.parse('2026-11-23T10:00:00Z');

/** Commits that are answered by hand, with a clock that stands still until it is set. */
function setUp() {
  const findings: TimestampFinding[] = [];
  const answers: ((timestamp: string) => void)[] = [];
  let clock = AT;
  const commit = createCheckedCommit({
    commit: () => new Promise((resolve) => answers.push(resolve)),
    onFinding: (finding) => findings.push(finding),
    now: () => clock,
  });
  return {
    findings,
    answers,
    commit: () => commit(NOTHING),
    setClock: (at: number) => {
      clock = at;
    },
    one: async (timestamp: string) => {
      const done = commit(NOTHING);
      answers.pop()?.(timestamp);
      await done;
    },
  };
}

test('rising timestamps within their calls are found right, to the last digit', async () => {
  const { one, findings } = setUp();
  await one('2026-11-23T10:00:00.000000001Z');
  await one('2026-11-23T10:00:00.000000002Z');
  assert.deepEqual(findings, []);
});

test('a commit that began after another was answered, and is not later, is told', async () => {
  const { one, findings } = setUp();
  await one('2026-11-23T10:00:00.500000000Z');
  await one('2026-11-23T10:00:00.500000000Z');
  await one('2026-11-23T10:00:00.400000000Z');
  assert.deepEqual(findings, [{ kind: 'commit_order' }, { kind: 'commit_order' }]);
});

test('commits that were under way together may be answered in any order', async () => {
  const { commit, answers, findings } = setUp();
  const [first, second] = [commit(), commit()];
  answers[1]?.('2026-11-23T10:00:00.500000000Z');
  await second;
  answers[0]?.('2026-11-23T10:00:00.400000000Z');
  await first;
  assert.deepEqual(findings, []);
});

test('a clock that is off by an hour is told once a minute, either way', async () => {
  const { one, setClock, findings } = setUp();
  await one('2026-11-23T11:00:00.000000000Z');
  await one('2026-11-23T11:00:00.100000000Z');
  assert.deepEqual(findings, [{ kind: 'clock_skew', skew_millis: 3_600_000 }]);
  setClock(AT + 7_200_000);
  await one('2026-11-23T11:00:00.200000000Z');
  assert.deepEqual(findings.slice(1), [{ kind: 'clock_skew', skew_millis: -3_599_800 }]);
});
