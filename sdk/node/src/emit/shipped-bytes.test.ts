import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import {
  type AuditRecord,
  certifySession,
  commitment,
  type Disclosure,
  publicKeyFromRaw,
  rawPublicKey,
  readApiKey,
  receivedKey,
  recordHash,
  recordKey,
  recordMac,
  sessionSignatureHolds,
  ZERO_HASH,
} from '@vantio/schema';
import { createEventIds } from '@vantio/schema/event-id';
import { receivedMac } from '@vantio/schema/format-ledger-line';
import { sessionIdOf } from '@vantio/schema/session-id';
import type { writtenVectors } from '@vantio/schema/vectors/written-vectors';
import oracle from 'canonicalize';
import { newApiKey } from '../testing/keys.ts';
import { runAgent, scratch } from '../testing/run-agent.ts';

// The other tests hold the sources to the vectors; these hold the bundle to them, by the files that it writes.
type Line = { record: AuditRecord; record_mac: string; received_at: string; received_mac: string };
type DisclosureLine = Disclosure & { event_id: string; tenant_id: string };
type Said = readonly [list: string, at: number, trace: string];

const VECTORS = fileURLToPath(new URL('../../../vectors/written.json', import.meta.url));
const vectors: ReturnType<typeof writtenVectors> = JSON.parse(readFileSync(VECTORS, 'utf8'));
const apiKey = newApiKey();
const { privateKey: root } = generateKeyPairSync('ed25519');

let lines: readonly string[];
let records: readonly AuditRecord[];
let disclosed: readonly string[];
let said: readonly Said[];

before(async () => {
  const directory = scratch();
  const pem = join(directory, 'root.pem');
  writeFileSync(pem, root.export({ format: 'pem', type: 'pkcs8' }));
  const ran = await runAgent('written.mjs', {
    args: [VECTORS],
    env: {
      VANTIO_API_KEY: apiKey,
      VANTIO_OUTPUT_FILE: join(directory, 'ledger.ndjson'),
      VANTIO_SESSION_ROOT: pem,
    },
  });
  assert.equal(ran.code, 0, ran.stderr);
  said = JSON.parse(ran.stdout);
  const read = (isIt: (name: string) => boolean): readonly string[] => {
    const names = readdirSync(directory).filter(isIt);
    assert.equal(names.length, 1, 'one session, one file');
    const text = readFileSync(join(directory, names[0] ?? ''), 'utf8');
    assert.ok(text.endsWith('\n'));
    return text.slice(0, -1).split('\n');
  };
  lines = read((name) => /^ledger\.w-[0-9a-f]{16}\.ndjson$/.test(name));
  disclosed = read((name) => name.endsWith('.disclosures.ndjson'));
  records = lines.map((line) => (JSON.parse(line) as Line).record);
});

test('every byte that the bundle seals is what the reference makes of the same drafts', () => {
  const { tenantId, keyId } = readApiKey(apiKey);
  const publicKey = records[0]?.session_public_key ?? '';
  const sessionId = sessionIdOf(publicKey);
  const nextEventId = createEventIds(sessionId);
  let prev = ZERO_HASH;
  let previous = ZERO_HASH;
  lines.forEach((line, seq) => {
    const { record: draft, received_at } = JSON.parse(line) as Line;
    // What a draft says stays; all that a session gives it is made again.
    const record: AuditRecord = {
      ...draft,
      v: 1,
      tenant_id: tenantId,
      key_id: keyId,
      source: 'sdk_node',
      event_id: nextEventId(Date.parse(draft.occurred_at)),
      session_id: sessionId,
      seq,
      prev,
      ...(seq === 0 && {
        session_root_key: rawPublicKey(root),
        session_root_sig: certifySession(root, tenantId, publicKey),
      }),
    };
    const canonical = oracle(record) ?? '';
    const record_mac = recordMac(recordKey(apiKey), canonical);
    const received_mac = receivedMac({
      key: receivedKey(apiKey),
      previous,
      receivedAt: received_at,
      recordMac: record_mac,
    });
    assert.equal(line, oracle({ received_at, received_mac, record, record_mac }));
    prev = recordHash(canonical);
    previous = received_mac;
  });
});

test('what the bundle signs holds under the key of its session', () => {
  const key = publicKeyFromRaw(records[0]?.session_public_key ?? '');
  const signed = records.filter(({ event_type }) => /^session_/.test(event_type));
  assert.deepEqual(
    signed.map(({ event_type }) => event_type),
    ['session_start', 'session_head', 'session_end'],
  );
  for (const record of signed) assert.ok(sessionSignatureHolds(key, record), record.event_type);
});

test('each commitment of the bundle is that of the disclosure beside it, and each has one', () => {
  const committed = records.filter((record) => record.agent_name_commit !== undefined);
  assert.equal(disclosed.length, committed.length);
  disclosed.forEach((line, at) => {
    const { event_id, tenant_id, ...disclosure } = JSON.parse(line) as DisclosureLine;
    const record = committed[at];
    assert.equal(line, oracle({ ...disclosure, event_id, tenant_id: record?.tenant_id }));
    assert.equal(event_id, record?.event_id);
    assert.equal(record?.agent_name_commit, commitment(disclosure));
  });
});

/** The vectors of a list that the agent could say, each with the one record of this type in its trace. */
function saidOf<T>(list: string, of: readonly T[], type: AuditRecord['event_type']) {
  const cases = said.filter(([name]) => name === list);
  return cases.map(([, at, trace]) => {
    const found = records.filter((one) => one.event_type === type && one.trace_id === trace);
    assert.equal(found.length, 1, `${list} ${at}: ${found.length} records`);
    return { vector: of[at] as T, record: found[0] as AuditRecord };
  });
}

test('the bundle writes every host as the vectors say', () => {
  const cases = saidOf('host', vectors.host, 'http_request');
  assert.equal(cases.length, vectors.host.length);
  for (const { vector, record } of cases) {
    const { target_host: text, truncated } = record;
    assert.deepEqual({ text, truncated }, { truncated: undefined, ...pick(vector) }, vector.name);
  }
});

test('the bundle writes every code of an anomaly as the vectors say', () => {
  const cases = saidOf('word', vectors.word, 'anomaly');
  assert.equal(cases.length, vectors.word.filter(({ field }) => field === 'anomaly_code').length);
  for (const { vector, record } of cases) {
    const { anomaly_code: text, truncated } = record;
    assert.deepEqual({ text, truncated }, { truncated: undefined, ...pick(vector) }, vector.name);
  }
});

test('the bundle commits every name as the vectors say', () => {
  const cases = saidOf('committed_value', vectors.committed_value, 'shield_end');
  assert.ok(cases.length >= 6, `only ${cases.length}`);
  const values = new Map(
    disclosed.map((line) => JSON.parse(line) as DisclosureLine).map((one) => [one.event_id, one]),
  );
  for (const { vector, record } of cases) {
    const seen = { text: values.get(record.event_id)?.value, truncated: record.truncated };
    assert.deepEqual(seen, { text: undefined, truncated: undefined, ...pick(vector) }, vector.name);
  }
});

test('the bundle writes every status that a server can answer as the vectors say', () => {
  const cases = saidOf('status_class', vectors.status_class, 'http_request');
  assert.equal(cases.length, 3);
  for (const { vector, record } of cases)
    assert.equal(record.status_class, vector.status_class, String(vector.status));
});

function pick(vector: { readonly text?: string; readonly truncated?: true }) {
  const { text, truncated } = vector;
  return { ...(text !== undefined && { text }), ...(truncated && { truncated }) };
}
