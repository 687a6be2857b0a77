import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { AuditRecord } from '@vantio/schema';
import { discloses } from '@vantio/schema';
import { assertWholeChains, ofType } from '../testing/chain.ts';
import { type Ingest, startIngest } from '../testing/ingest.ts';
import { newApiKey } from '../testing/keys.ts';
import { runAgent } from '../testing/run-agent.ts';

let ingest: Ingest;
let target: Ingest;
let records: readonly AuditRecord[];
let trace: string;
let pid: number | undefined;
const apiKey = newApiKey();

before(async () => {
  ingest = await startIngest();
  target = await startIngest(() => ({ status: 200 }));
  const ran = await runAgent('calls.mjs', {
    args: [`${target.url}/v1/secret-path?q=secret`],
    env: { VANTIO_API_KEY: apiKey, VANTIO_INGEST_URL: ingest.url },
  });
  assert.equal(ran.code, 0);
  assert.equal(ran.stderr, '');
  trace = ran.stdout.trim();
  pid = ran.pid;
  records = ingest.records();
});

after(async () => {
  await ingest.close();
  await target.close();
});

test('a process that ends by itself has sent one whole session with a start and an end', () => {
  assert.deepEqual(ingest.faults, []);
  assert.equal(assertWholeChains(records).size, 1);
  assert.equal(records[0]?.event_type, 'session_start');
  assert.equal(records.at(-1)?.event_type, 'session_end');
  assert.equal(records.at(-1)?.end_reason, 'exit');
});

test('every record names the process, and when it started', () => {
  assert.deepEqual([...new Set(records.map((record) => record.pid))], [pid]);
  const starts = new Set(records.map(({ process_start }) => process_start));
  assert.equal(starts.size, 1);
  assert.ok(!starts.has(undefined));
});

test('the library asks the control plane for nothing: it only posts to ingest', () => {
  assert.deepEqual([...new Set(ingest.paths)], ['POST /api/v1/ingest']);
  assert.deepEqual([...ingest.authorizations], [`Bearer ${apiKey}`]);
});

test('its own requests are not recorded', () => {
  assert.deepEqual(
    records.filter(({ target_port }) => target_port === ingest.port),
    [],
  );
});

test('nested shields share a trace, and the inner span names the outer one', () => {
  const [inner, outer, ...others] = ofType(records, 'shield_end');
  assert.deepEqual(others, []);
  assert.equal(outer?.trace_id, trace);
  assert.equal(inner?.trace_id, trace);
  assert.equal(inner?.parent_span_id, outer?.span_id);
  assert.equal(outer?.parent_span_id, undefined);
  assert.equal(outer?.trace_origin, 'exact');
});

test('a request inside a shield bears its span, one outside bears no trace', () => {
  const [inside, outside, ...others] = ofType(records, 'http_request');
  assert.deepEqual(others, []);
  assert.equal(inside?.trace_id, trace);
  assert.equal(inside?.span_id, ofType(records, 'shield_end')[0]?.span_id);
  assert.equal(outside?.trace_id, undefined);
  assert.equal(outside?.trace_origin, 'none');
  assert.equal(inside?.target_port, target.port);
  assert.equal(inside?.bytes_sent, 4);
  assert.equal(inside?.status_class, 2);
});

test('the sockets of requests are not recorded a second time', () => {
  assert.deepEqual(ofType(records, 'net_connect'), []);
});

test('an anomaly stands in the trace it was reported in', () => {
  const [anomaly] = ofType(records, 'anomaly');
  assert.equal(anomaly?.anomaly_code, 'odd.thing');
  assert.equal(anomaly?.severity, 'high');
  assert.equal(anomaly?.trace_id, trace);
});

test("a shield's name is committed and disclosed beside the record, nowhere in it", () => {
  const named = ingest.envelopes.filter(({ record }) => record.agent_name_commit !== undefined);
  assert.deepEqual(
    named.map(({ disclosures }) => disclosures?.map(({ value }) => value)),
    [['sample-tool'], ['sample-agent']],
  );
  for (const { record, disclosures } of named)
    assert.ok(disclosures.every((disclosure) => discloses(record, disclosure)));
});

test('no path, query, body or name of the agent is in any record', () => {
  const text = JSON.stringify(records);
  for (const secret of ['secret', 'four', 'sample-']) assert.ok(!text.includes(secret));
});
