import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type RecordDraft, recordKey } from '@vantio/schema';
import { createSession } from '@vantio/schema/session';
import { fixedKey } from '@vantio/schema/vectors/fixed-keys';
import { API_KEY, EPOCH } from '@vantio/schema/vectors/sample-session';
import { ocsfEvent } from './ocsf-event.ts';

const PLAIN = { action_taken: 'OBSERVED', evidence: 'observed', trace_origin: 'none' } as const;
const BLOCKED = { action_taken: 'BLOCKED_EGRESS', evidence: 'denied_before_effect' } as const;

/** The event of a record that holds this. */
function eventOf(draft: object): Record<string, unknown> {
  const session = createSession({
    tenantId: 'acme',
    keyId: '0'.repeat(16),
    source: 'kernel_agent',
    recordKey: recordKey(API_KEY),
    sessionKey: fixedKey('ocsf'),
  });
  session.seal(
    {
      ...PLAIN,
      action_taken: 'RECORDED',
      event_type: 'session_start',
      session_public_key: session.publicKey,
      emitter: 'test',
      emitter_version: '1',
    },
    EPOCH,
  );
  const { record, canonical, mac } = session.seal({ ...PLAIN, ...draft } as RecordDraft, EPOCH + 1);
  const parsed = { record, canonical, mac, receivedAt: record.occurred_at, receivedMac: mac };
  return ocsfEvent({ parsed } as Parameters<typeof ocsfEvent>[0]) as Record<string, unknown>;
}

const CASES: readonly (readonly [string, object, object])[] = [
  ['a connection opened', { outcome: 'ok' }, { type_uid: 400_101, action_id: 3, status_id: 1 }],
  [
    'it failed',
    { outcome: 'timeout' },
    { type_uid: 400_104, status_id: 2, status_detail: 'timeout' },
  ],
  ['it was refused', BLOCKED, { type_uid: 400_105, action_id: 2, disposition_id: 2 }],
  [
    'a dry run only observed',
    { action_taken: 'WOULD_BLOCK_EGRESS' },
    { type_uid: 400_101, action_id: 3, disposition_id: undefined, action: 'WOULD_BLOCK_EGRESS' },
  ],
  ['an end', { event_type: 'net_close' }, { type_uid: 400_102 }],
  [
    'without an endpoint',
    { target_host: undefined },
    { class_uid: 0, type_uid: 99, activity_name: 'net_connect' },
  ],
  [
    'an address that was asked for',
    { target_host: '192.0.2.1', target_port: 443 },
    { dst_endpoint: { ip: '192.0.2.1', port: 443 } },
  ],
  [
    'a name and where it led',
    { target_ip: '192.0.2.1' },
    { dst_endpoint: { hostname: 'example.org', ip: '192.0.2.1' } },
  ],
];

for (const [name, draft, expected] of CASES)
  test(`OCSF: ${name}`, () => {
    const base = { event_type: 'net_connect', protocol: 'tcp', target_host: 'example.org' };
    const merged = Object.fromEntries(
      Object.entries({ ...base, ...draft }).filter(([, value]) => value !== undefined),
    );
    const event = eventOf(merged);
    for (const [member, value] of Object.entries(expected)) assert.deepEqual(event[member], value);
  });
