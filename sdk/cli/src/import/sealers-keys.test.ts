import assert from 'node:assert/strict';
import type { KeyObject } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { formatLedgerLine, readApiKey, receivedKey, recordKey, ZERO_HASH } from '@vantio/schema';
import { createSession } from '@vantio/schema/session';
import { unkeptReceivedKey } from '@vantio/schema/unkept-key';
import { fixedKey } from '@vantio/schema/vectors/fixed-keys';
import { API_KEY, EPOCH } from '@vantio/schema/vectors/sample-session';
import { temporaryDirectory } from '../testing/temporary-directory.ts';
import { leftOutNote, sealersKeys } from './sealers-keys.ts';

const { tenantId, keyId } = readApiKey(API_KEY);

/** A session of the control plane that says nothing but its start, chained by a key. */
function ledger(path: string, key: KeyObject) {
  const session = createSession({
    tenantId,
    keyId,
    source: 'control_plane',
    recordKey: recordKey(API_KEY),
    sessionKey: fixedKey('control'),
  });
  const start = {
    event_type: 'session_start',
    action_taken: 'RECORDED',
    evidence: 'observed',
    trace_origin: 'none',
    session_public_key: session.publicKey,
    emitter: 'vantio-control-plane',
    emitter_version: '0.1.0',
    runtime: 'node/24.21.0',
    pid: 4242,
  } as const;
  const { canonical, mac } = session.seal(start, EPOCH);
  const receivedAt = '2026-01-02T03:04:06.000000Z';
  const line = formatLedgerLine({
    ...{ canonical, recordMac: mac, receivedAt, key, previous: ZERO_HASH },
  });
  writeFileSync(path, `${line.text}\n`);
  return [{ path, writer: path }];
}

test('lines are the sealer’s if their key was not named and an export chained them without one', (t) => {
  const path = join(temporaryDirectory(t), 'ledger.ndjson');
  const files = ledger(path, unkeptReceivedKey());
  const found = sealersKeys(files, []);
  assert.deepEqual([...found], [[keyId, [`${path}:1`]]]);
  assert.match(leftOutNote(found) ?? '', /^1 lines left out, from .*ledger\.ndjson:1 on: /);
  assert.equal(sealersKeys(files, [API_KEY]).size, 0);
});

test('what a control plane of this machine wrote wants its key: it is not left out', (t) => {
  const path = join(temporaryDirectory(t), 'ledger.ndjson');
  const found = sealersKeys(ledger(path, receivedKey(API_KEY)), []);
  assert.deepEqual([found.size, leftOutNote(found)], [0, undefined]);
});
