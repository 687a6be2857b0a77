import assert from 'node:assert/strict';
import { test } from 'node:test';
import { discloses } from '@vantio/schema';
import { ofType } from '../testing/chain.ts';
import { startIngest } from '../testing/ingest.ts';
import { newApiKey } from '../testing/keys.ts';
import { runAgent } from '../testing/run-agent.ts';

test('programs that a shield starts are in its trace, named by a commitment, without their arguments', async () => {
  const ingest = await startIngest();
  try {
    const ran = await runAgent('children.mjs', {
      env: { VANTIO_API_KEY: newApiKey(), VANTIO_INGEST_URL: ingest.url },
    });
    assert.equal(ran.stderr, '');
    const { trace, pid, spanless } = JSON.parse(ran.stdout);
    assert.deepEqual(ingest.faults, []);
    const records = ingest.records();
    const [shield] = ofType(records, 'shield_end');
    const [inside, missing, outside, ...others] = ofType(records, 'process_exec');
    assert.deepEqual(others, []);
    assert.equal(inside?.trace_id, trace);
    assert.equal(inside?.span_id, shield?.span_id);
    assert.equal(inside?.child_pid, pid);
    assert.equal(inside?.argc, 3);
    assert.equal(inside?.action_taken, 'OBSERVED');
    assert.equal(missing?.child_pid, undefined);
    assert.equal(missing?.outcome, 'error');
    assert.equal(outside?.child_pid, spanless);
    assert.equal(outside?.span_id, undefined);
    assert.ok(!JSON.stringify(records).includes('not-for-the-record'));
    const named = ingest.envelopes
      .flatMap(({ disclosures = [] }) => disclosures)
      .filter(({ field }) => field === 'exec_path');
    assert.deepEqual(
      named.map(({ value }) => value),
      [process.execPath, 'no-such-program', process.execPath],
    );
    assert.ok(named[0] && inside && discloses(inside, named[0]));
  } finally {
    await ingest.close();
  }
});
