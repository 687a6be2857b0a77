import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import {
  commitment,
  createSession,
  type Disclosure,
  type RecordDraft,
  readApiKey,
  recordKey,
} from '@vantio/schema';
import { formatDisclosureLine } from '@vantio/schema/disclosure-line';
import { fixedKey } from '@vantio/schema/vectors/fixed-keys';
import { EPOCH, ledgerLines } from '@vantio/schema/vectors/sample-session';
import { API_KEY } from '../testing/sample-ledger.ts';
import { temporaryDirectory } from '../testing/temporary-directory.ts';
import { verify } from '../testing/verify-in-process.ts';

/** More than the window in which disclosures are joined as files stream by. */
const COUNT = 9000;

const nameOf = (at: number, value = `agent ${at}`): Disclosure => ({
  field: 'agent_name',
  salt: at.toString(16).padStart(64, '0'),
  value,
});

/** A ledger whose every record commits to a value; the lines that disclose them. */
function ledger(t: TestContext) {
  const { tenantId, keyId } = readApiKey(API_KEY);
  const session = createSession({
    tenantId,
    keyId,
    source: 'sdk_node',
    recordKey: recordKey(API_KEY),
    sessionKey: fixedKey('out of order'),
  });
  const common = { evidence: 'observed', trace_origin: 'none' } as const;
  const start = {
    ...common,
    event_type: 'session_start',
    action_taken: 'RECORDED',
    session_public_key: session.publicKey,
    emitter: 'test',
    emitter_version: '1',
  } as const;
  const shield = (at: number): RecordDraft => ({
    ...common,
    event_type: 'shield_start',
    action_taken: 'OBSERVED',
    agent_name_commit: commitment(nameOf(at)),
  });
  const sealed = Array.from({ length: COUNT + 1 }, (_, at) =>
    session.seal(at === 0 ? start : shield(at), EPOCH + at),
  );
  const directory = temporaryDirectory(t);
  const file = join(directory, 'ledger.ndjson');
  const put = (name: string, lines: readonly string[]): void =>
    writeFileSync(join(directory, name), lines.map((line) => `${line}\n`).join(''));
  put('ledger.ndjson', ledgerLines(sealed.map((one) => ({ sealed: one, apiKey: API_KEY }))));
  const line = (at: number, value?: string, tenant = tenantId): string =>
    formatDisclosureLine(sealed[at]?.record.event_id ?? '', tenant, nameOf(at, value));
  return {
    file,
    line,
    disclose: (lines: readonly string[]) => put('ledger.disclosures.ndjson', lines),
  };
}

test('a disclosure far from its place is found, and counted once', async (t) => {
  const { file, line, disclose } = ledger(t);
  const lines = Array.from({ length: COUNT }, (_, at) => line(COUNT - at));
  disclose([...lines, lines[0] ?? '']);
  const { wrong, unmeasured, values } = await verify(file);
  assert.deepEqual([wrong, unmeasured.disclosure], [{}, undefined]);
  assert.deepEqual(values, { disclosed: COUNT, erased: 0, missing: 0, notGiven: 0, returned: 0 });
});

test('what opens no commitment anywhere is told by its nearest miss', async (t) => {
  const { file, line, disclose } = ledger(t);
  const others = [
    line(COUNT, 'another'),
    line(COUNT, undefined, 'globex'),
    line(COUNT).replace(/"event_id":"0/, '"event_id":"1'),
  ];
  disclose([...others, ...Array.from({ length: COUNT }, (_, at) => line(at + 1))]);
  const { findings, values } = await verify(file);
  assert.deepEqual(
    findings
      .filter(({ check }) => check === 'disclosure')
      .map(({ line: at, field, message }) => [at, `${field} ${message}`]),
    [
      [1, 'agent_name_commit is not the commitment of the disclosed value'],
      [2, "tenant_id is not the record's tenant"],
      [3, 'event_id discloses a field of no record in the ledger file beside it'],
    ],
  );
  assert.equal(values.disclosed, COUNT);
});
