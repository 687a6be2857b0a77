import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readApiKey } from '../api-key.ts';
import { type CanonicalValue, canonicalize } from '../canonical.ts';
import { EVENT_TYPES, type EventType } from '../event-types.ts';
import { formatLedgerLine, ledgerLineText } from '../format-ledger-line.ts';
import { receivedKey, recordKey, recordMac } from '../hash.ts';
import { type LedgerLine, parseLedgerLine } from '../ledger-line.ts';
import { readCanonicalRecord } from '../read-record.ts';
import { createSession, type RecordDraft } from '../session.ts';
import { certifySession } from '../session-signature.ts';
import { SHAPE_BY_TYPE } from '../shapes.ts';
import { fieldValues } from '../vectors/field-values.ts';
import { fixedApiKey, fixedKey } from '../vectors/fixed-keys.ts';
import { leastDraft } from '../vectors/one-of-each-type.ts';
import { EPOCH, ledgerLines, ROOT, ROOT_KEY, TRACE } from '../vectors/sample-session.ts';
import { judge } from '../vectors/vector-files.ts';
import { ZERO_HASH } from '../zero-hash.ts';

const API_KEY = fixedApiKey('vantio', 'control key', 'control');
const { tenantId, keyId } = readApiKey(API_KEY);
const session = createSession({
  tenantId,
  keyId,
  source: 'control_plane',
  recordKey: recordKey(API_KEY),
  sessionKey: fixedKey('flipped session'),
});

/** What `fieldValues` cannot know: rules that join fields. */
const RULED: Readonly<Record<string, unknown>> = {
  trace_id: TRACE,
  span_id: '00f067aa0ba902b7',
  parent_span_id: '00f067aa0ba902b8',
  session_root_key: ROOT_KEY,
  session_root_sig: certifySession(ROOT, tenantId, session.publicKey),
  session_public_key: session.publicKey,
};
/** Those that the session gives a record. */
const SEALED = new Set(
  'v event_id tenant_id key_id session_id seq prev occurred_at source'.split(' '),
);

/** A record of the type with every field that it may hold. */
function fullDraft(type: EventType): RecordDraft {
  const draft: Record<string, unknown> = { ...leastDraft(type), trace_origin: 'exact' };
  const isSigned = type.startsWith('session_');
  for (const name of SHAPE_BY_TYPE.get(type)?.allowed ?? [])
    if (!SEALED.has(name) && name !== 'session_sig' && !(isSigned && name === 'count'))
      draft[name] = RULED[name] ?? draft[name] ?? fieldValues(name).least;
  return draft as RecordDraft;
}

const types = Object.keys(EVENT_TYPES) as EventType[];
const order: readonly EventType[] = [
  'session_start',
  ...types.filter((type) => !type.startsWith('session_')),
  'session_head',
  'session_end',
];
const sealed = order.map((type, at) => session.seal(fullDraft(type), EPOCH + at));
const lines = ledgerLines(sealed.map((one) => ({ sealed: one, apiKey: API_KEY })));
const parsed = lines.map((line) => parseLedgerLine(line));
const canonicals = parsed.map(({ canonical }) => canonical);

type Row = readonly [check: string, severity: string, line: number | null];
const wrongIn = (ledger: readonly string[]): readonly Row[] =>
  judge({
    name: '',
    lines: ledger,
    api_keys: [API_KEY],
    session_roots: [ROOT_KEY],
    expect_heads: [],
  }).findings.filter(([, severity]) => severity === 'wrong');

/** Values near to this one: a text with a bit of its first, middle and last character flipped, a number and its neighbours. */
function near(value: unknown): readonly unknown[] {
  if (typeof value === 'number') return [value + 1, value - 1];
  if (typeof value === 'boolean') return [!value];
  if (typeof value === 'string')
    return [0, value.length >> 1, value.length - 1].map(
      (at) =>
        value.slice(0, at) + String.fromCharCode(value.charCodeAt(at) ^ 1) + value.slice(at + 1),
    );
  return Object.entries(value as Record<string, unknown>).flatMap(([name, member]) =>
    near(member).map((other) => ({ ...(value as object), [name]: other })),
  );
}

const nearMacs = (mac: string): readonly string[] =>
  (near(mac) as readonly string[]).filter((other) => /^[0-9a-f]+$/.test(other));

const changed = (record: object, name: string, value: unknown): string =>
  canonicalize({ ...record, [name]: value } as unknown as CanonicalValue);

/** Everything again that who holds the API key can make. */
function remade(canonicals: readonly string[]): readonly string[] {
  let previous = ZERO_HASH;
  return canonicals.map((canonical, at) => {
    const { text, receivedMac } = formatLedgerLine({
      canonical,
      recordMac: recordMac(recordKey(API_KEY), canonical),
      receivedAt: (parsed[at] as LedgerLine).receivedAt,
      key: receivedKey(API_KEY),
      previous,
    });
    previous = receivedMac;
    return text;
  });
}

test('the ledger that is flipped has every type with every field, and nothing wrong', () => {
  assert.equal(order.length, types.length);
  assert.deepEqual(wrongIn(lines), []);
  const held = new Set(parsed.flatMap(({ record }) => Object.keys(record)));
  for (const type of types)
    for (const name of SHAPE_BY_TYPE.get(type)?.allowed ?? []) assert.ok(held.has(name), name);
});

test('each field of a record of each type is held by its form or its MAC, at its line', (t) => {
  const by: Record<string, number> = {};
  for (const [at, { record, mac, receivedAt, receivedMac }] of parsed.entries())
    for (const [name, value] of Object.entries(record))
      for (const other of near(value)) {
        const text = ledgerLineText(changed(record, name, other), mac, receivedAt, receivedMac);
        // Another key id is that of a key that nobody named: its MAC is unmeasured, and its session holds it.
        const before = name === 'key_id' ? lines.slice(0, at) : [];
        const wanted = name === 'key_id' ? ['form', 'chain', 'session_signature'] : ['form', 'mac'];
        const [check = 'nothing', , line] = wrongIn([...before, text])[0] ?? [];
        assert.ok(
          wanted.includes(check) && line === before.length + 1,
          `${record.event_type}.${name}: ${check}`,
        );
        by[check] = (by[check] ?? 0) + 1;
      }
  t.diagnostic(`by check: ${JSON.stringify(by)}`);
  assert.ok((by.form ?? 0) > 1000 && (by.mac ?? 0) > 1000, JSON.stringify(by));
});

test('each field of a record is held by its session against who holds the API key', (t) => {
  const by: Record<string, number> = {};
  for (const [at, { record }] of parsed.entries())
    for (const [name, value] of Object.entries(record)) {
      const others = near(value).map((other) => changed(record, name, other));
      for (const other of others.filter((canonical) => readCanonicalRecord(canonical))) {
        const made = remade(canonicals.with(at, other));
        const [check = 'nothing', , line] = wrongIn(made)[0] ?? [];
        assert.notEqual(check, 'nothing', `${record.event_type}.${name}`);
        assert.ok(
          line === null || (line ?? 0) >= at + 1,
          `${record.event_type}.${name}: line ${line}`,
        );
        by[check] = (by[check] ?? 0) + 1;
      }
    }
  t.diagnostic(`by check: ${JSON.stringify(by)}`);
  const checks = ['chain', 'conflict', 'gap', 'origin', 'session_signature', 'tenant'];
  assert.deepEqual(Object.keys(by).sort(), checks);
});

test('each other member of a line is held by its own check, and by that of the next line', () => {
  for (const at of [0, 7, lines.length - 2]) {
    const { canonical, mac, receivedAt, receivedMac } = parsed[at] as LedgerLine;
    for (const other of nearMacs(mac)) {
      const text = ledgerLineText(canonical, other, receivedAt, receivedMac);
      assert.deepEqual(wrongIn(lines.with(at, text)), [['mac', 'wrong', at + 1]]);
    }
    for (const other of nearMacs(receivedMac)) {
      const text = ledgerLineText(canonical, mac, receivedAt, other);
      assert.deepEqual(wrongIn(lines.with(at, text)), [
        ['received_mac', 'wrong', at + 1],
        ['received_mac', 'wrong', at + 2],
      ]);
    }
    for (const place of receivedAt.split('').keys()) {
      const flipped = String.fromCharCode(receivedAt.charCodeAt(place) ^ 1);
      const other = receivedAt.slice(0, place) + flipped + receivedAt.slice(place + 1);
      const found = wrongIn(lines.with(at, ledgerLineText(canonical, mac, other, receivedMac)));
      assert.ok(['form', 'received_mac'].includes(found[0]?.[0] ?? ''), other);
      assert.equal(found[0]?.[2], at + 1);
    }
  }
});

test('each byte between the members of a line is held by its form', () => {
  const line = lines[1] as string;
  const structure = [...line.matchAll(/[{}":,]/g)].map(({ index }) => index);
  assert.ok(structure.length > 50);
  for (const at of structure) {
    const other =
      line.slice(0, at) + String.fromCharCode(line.charCodeAt(at) ^ 1) + line.slice(at + 1);
    const [check, , place] = wrongIn(lines.with(1, other))[0] ?? [];
    assert.deepEqual([check, place], ['form', 2], `at ${at}`);
  }
});
