import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AuditRecord, Finding } from '@vantio/schema';
import { createValueTally } from './value-tally.ts';

const FILE = { path: 'a.ndjson', writer: 'a', disclosures: 'a.disclosures.ndjson' };
const BARE = { path: 'b.ndjson', writer: 'b' };

const event = (tenant_id: string, event_id: string) => ({ tenant_id, event_id }) as AuditRecord;
const erasure = (source: string, tenant_id: string, event_id: string, subject?: string) =>
  ({
    event_type: 'erasure',
    source,
    tenant_id,
    subject_event_id: event_id,
    subject_field: 'agent_name',
    ...(subject === undefined ? {} : { subject_tenant_id: subject }),
  }) as AuditRecord;

function counted(fill: (tally: ReturnType<typeof createValueTally>) => void, maxHeld?: number) {
  const tally = createValueTally(maxHeld);
  fill(tally);
  const findings: Finding[] = [];
  // Nothing of these files is read: they are only named.
  const { erased, missing, notGiven } = tally.finish([BARE], (finding) => findings.push(finding));
  return { counts: [erased, missing, notGiven], findings };
}

test('an erasure counts from the control plane, or from the tenant of the value, before or after it', () => {
  const { counts, findings } = counted((tally) => {
    tally.record(erasure('control_plane', 'vantio', 'e1', 'acme'));
    for (const id of ['e1', 'e2', 'e3', 'e4', 'e5'])
      tally.missing(FILE, event('acme', id), 'agent_name');
    tally.record(erasure('cli', 'acme', 'e2'));
    tally.record(erasure('cli', 'globex', 'e3', 'acme'));
    tally.record(erasure('sdk_node', 'globex', 'e4', 'acme'));
    tally.record(erasure('control_plane', 'vantio', 'e5', 'globex'));
    tally.missing(BARE, event('acme', 'e6'), 'agent_name');
  });
  assert.deepEqual(counts, [2, 3, 1]);
  assert.deepEqual(findings, [
    {
      check: 'disclosure',
      severity: 'unmeasured',
      file: FILE.disclosures,
      message: 'lacks 3 committed values, and no erasure record says why',
    },
  ]);
});

test('more than is held is told, and not counted as anything', () => {
  const { counts, findings } = counted((tally) => {
    for (const id of ['e1', 'e2', 'e3']) tally.missing(BARE, event('acme', id), 'agent_name');
  }, 2);
  assert.deepEqual(counts, [0, 0, 2]);
  assert.match(
    findings[0]?.message ?? '',
    /more erased or missing values .* 1 further one not looked at/,
  );
});
