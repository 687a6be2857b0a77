import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import type { AuditRecord } from '@vantio/schema';
import { runVantio } from '../../testing/run-vantio.ts';
import { temporaryDirectory } from '../../testing/temporary-directory.ts';
import { readBack, skip } from '../testing/read-back.ts';
import { wideLedger } from '../testing/wide-ledger.ts';
import { OCSF_VERSION } from './ocsf-event.ts';

type Event = {
  readonly class_uid: number;
  readonly severity_id: number;
  readonly action: string;
  readonly metadata: { readonly event_code: string };
  readonly unmapped: Readonly<Record<string, unknown>>;
};

/** Classes of the types that have one, for a record with all that it may hold. All others are Base Events. */
const CLASSES: Readonly<Record<string, number>> = {
  anomaly: 2004,
  shadow_ai: 2004,
  witness_alarm: 2004,
  key_created: 3004,
  key_revoked: 3004,
  policy_change: 3004,
  member_change: 3004,
  net_connect: 4001,
  net_close: 4001,
  tls_connect: 4001,
  tls_write: 4001,
  udp_send: 4001,
  egress_verdict: 4001,
  http_request: 4002,
  llm_call: 4002,
  dns_query: 4003,
  process_fork: 1007,
  process_exec: 1007,
  process_exit: 1007,
};

/** By severity_id, which has other words for them. */
const SEVERITIES = ['', 'info', 'low', 'medium', 'high', 'critical'];

/** Everything that stands somewhere in a document, as text. */
function* leavesOf(value: unknown): Generator<string> {
  if (typeof value !== 'object' || value === null) yield String(value);
  else for (const member of Object.values(value)) yield* leavesOf(member);
}

test('each event holds to the schema of its class, and no value of a record is lost', {
  skip,
}, async (t) => {
  const directory = temporaryDirectory(t);
  const { args, sealed } = wideLedger(directory);
  const out = join(directory, 'events.ndjson');
  const { status, stderr } = await runVantio(['convert', ...args, '--to', 'ocsf', '--out', out]);
  assert.equal(status, 0, stderr);
  const events = await readBack<readonly Event[]>('read_ocsf.py', out, OCSF_VERSION);
  assert.equal(events.length, sealed.length);
  for (const [at, { record, mac }] of sealed.entries()) {
    const event = events[at] ?? assert.fail();
    const leaves = new Set(leavesOf(event));
    for (const [name, value] of Object.entries(record)) {
      if (name === 'severity') assert.equal(SEVERITIES[event.severity_id], value);
      else if (name in event.unmapped) assert.deepEqual(event.unmapped[name], value);
      else assert.ok(leaves.has(String(value)), `${record.event_type}.${name} is lost`);
    }
    assert.equal(event.unmapped.record_mac, mac);
    assert.equal(event.action, record.action_taken);
    if (isFull(record))
      assert.equal(event.class_uid, CLASSES[record.event_type] ?? 0, record.event_type);
  }
  // Without what its class requires, a record is a Base Event.
  const least = events.filter(({ unmapped }) => !('pod_uid' in unmapped || 'argc' in unmapped));
  assert.ok(
    least.some(
      ({ metadata, class_uid }) => metadata.event_code === 'process_exec' && class_uid === 0,
    ),
  );
  assert.ok(
    least.some(({ metadata, class_uid }) => metadata.event_code === 'llm_call' && class_uid === 0),
  );
});

const isFull = ({ event_type, pod_uid }: AuditRecord): boolean =>
  pod_uid !== undefined || !(event_type in CLASSES);
