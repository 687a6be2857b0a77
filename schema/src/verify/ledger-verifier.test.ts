import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { API_KEY, ledgerLines, OTHER_KEY, sampleSession } from '../vectors/sample-session.ts';
import { judge } from '../vectors/vector-files.ts';

const own = (sealed: ReturnType<typeof sampleSession>, apiKey = API_KEY) =>
  sealed.map((one) => ({ sealed: one, apiKey }));
const sessions = [
  own(sampleSession()),
  own(sampleSession({ label: 'second session' })),
  own(sampleSession({ apiKey: OTHER_KEY, label: 'third session' }), OTHER_KEY),
];
const verdictOf = (lines: readonly string[], apiKeys = [API_KEY, OTHER_KEY]) =>
  judge({ name: '', lines, api_keys: apiKeys, session_roots: [], expect_heads: [] });

test('any interleaving of sessions verifies, each in its own order', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 30, maxLength: 60 }),
      (turns) => {
        const queues = sessions.map((list) => [...list]);
        const order = [
          ...turns,
          0,
          0,
          0,
          0,
          0,
          0,
          0,
          1,
          1,
          1,
          1,
          1,
          1,
          1,
          2,
          2,
          2,
          2,
          2,
          2,
          2,
        ].flatMap((turn) => {
          const next = queues[turn]?.shift();
          return next ? [next] : [];
        });
        const { verdict, findings } = verdictOf(ledgerLines(order));
        assert.equal(verdict, 'verified with notes');
        assert.deepEqual([...new Set(findings.map(([check]) => check))], ['origin']);
      },
    ),
    { numRuns: 50 },
  );
});

test('a ledger with any one byte changed is rejected', () => {
  const text = ledgerLines(sessions.flat()).join('\n');
  fc.assert(
    fc.property(fc.nat({ max: text.length - 1 }), fc.integer({ min: 1, max: 255 }), (at, flip) => {
      const bytes = Buffer.from(text, 'latin1');
      bytes[at] = (bytes[at] as number) ^ flip;
      assert.equal(verdictOf(bytes.toString('latin1').split('\n')).verdict, 'rejected');
    }),
    { numRuns: 1000 },
  );
});

test('a ledger with any lines dropped before its end, moved or doubled is rejected', () => {
  const lines = ledgerLines(sessions.flat());
  const place = fc.nat({ max: lines.length - 2 });
  fc.assert(
    fc.property(place, place, (from, to) => {
      const dropped = lines.toSpliced(Math.min(from, to), Math.abs(from - to) + 1);
      if (dropped.length > Math.min(from, to))
        assert.equal(verdictOf(dropped).verdict, 'rejected', 'dropped');
      const moved = lines.toSpliced(from, 1).toSpliced(to, 0, lines[from] as string);
      if (from !== to) assert.equal(verdictOf(moved).verdict, 'rejected', 'moved');
      assert.equal(
        verdictOf(lines.toSpliced(to, 0, lines[from] as string)).verdict,
        'rejected',
        'doubled',
      );
    }),
  );
});

test('without a key the MACs read unmeasured and are never taken for held', () => {
  const { verdict, findings } = verdictOf(ledgerLines(sessions.flat()), []);
  assert.equal(verdict, 'verified with notes');
  assert.equal(
    findings.filter(([check, severity]) => check === 'mac' && severity === 'unmeasured').length,
    2,
  );
});

test('an empty ledger is not called verified', () => {
  assert.equal(verdictOf([]).verdict, 'verified with notes');
});
