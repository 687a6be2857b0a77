import assert from 'node:assert/strict';
import { createPublicKey } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { ApiKeyError, checkApiKey, signerIdOf } from '../api-key.ts';
import { type CanonicalValue, canonicalize } from '../canonical.ts';
import { commitment, type Disclosure, discloses } from '../commitment.ts';
import { parseEnvelope } from '../envelope.ts';
import { EnvelopeError } from '../envelope-error.ts';
import { recordHash, recordKey, recordMac, traceSignature } from '../hash.ts';
import { recordSchema } from '../record.ts';
import { publicKeyFromRaw } from '../session-signature.ts';
import { checkWritten } from './check-written.ts';
import type { acceptEnvelopes } from './disclosure-vectors.ts';
import { eventIdsOf, type eventIdVectors } from './event-id-vectors.ts';
import { findingsOf, type ledgerFileVectors } from './ledger-file-vectors.ts';
import type { LedgerVector } from './ledger-vectors.ts';
import type { logVectors } from './log-vectors.ts';
import type { acceptRecords } from './record-vectors.ts';
import type { RejectEnvelope } from './reject-envelope.ts';
import { type rotationVectors, signersIn } from './rotation-vectors.ts';
import type { apiKeyVectors, canonicalVectors, commitmentVectors } from './small-vectors.ts';
import { judge } from './vector-files.ts';

const folder = new URL('../../../sdk/vectors/', import.meta.url);
const load = <T>(name: string): T => JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as T;

/** One runner for each file; a file without a runner fails the suite. */
const runners: Record<string, () => void> = {
  'api-keys.json': () => {
    const { signers, now, trace_id, accept, reject } =
      load<ReturnType<typeof apiKeyVectors>>('api-keys.json');
    const trusted = new Map(
      signers.map((raw) => [
        signerIdOf(createPublicKey(publicKeyFromRaw(raw).export({ format: 'pem', type: 'spki' }))),
        publicKeyFromRaw(raw),
      ]),
    );
    for (const vector of accept) {
      const { tenantId, plan, expiresAt } = checkApiKey(vector.api_key, trusted, now);
      assert.deepEqual(
        { tenantId, plan, expiresAt },
        { tenantId: vector.tenant_id, plan: vector.plan, expiresAt: vector.expires_at },
      );
      assert.equal(traceSignature(vector.api_key, trace_id), vector.trace_signature);
    }
    for (const { name, api_key, code } of reject)
      assert.throws(
        () => checkApiKey(api_key, trusted, now),
        (error) => error instanceof ApiKeyError && error.code === code,
        name,
      );
  },
  'canonical.json': () => {
    const { accept, reject } = load<ReturnType<typeof canonicalVectors>>('canonical.json');
    for (const { name, json, canonical } of accept)
      assert.equal(canonicalize(JSON.parse(json) as CanonicalValue), canonical, name);
    for (const { name, json } of reject)
      assert.throws(() => canonicalize(JSON.parse(json) as CanonicalValue), name);
  },
  'commitments.json': () => {
    const { accept, reject } = load<ReturnType<typeof commitmentVectors>>('commitments.json');
    for (const { commitment: expected, ...disclosure } of accept)
      assert.equal(commitment(disclosure as Disclosure), expected);
    for (const { commitment: expected, ...disclosure } of reject)
      assert.notEqual(commitment(disclosure as Disclosure), expected);
  },
  'envelopes.accept.json': () => {
    const { api_key, envelopes } = load<{
      api_key: string;
      envelopes: ReturnType<typeof acceptEnvelopes>;
    }>('envelopes.accept.json');
    for (const { name, envelope, record_hash, disclosures } of envelopes) {
      const read = parseEnvelope(envelope);
      assert.deepEqual(read.disclosures, disclosures, name);
      assert.equal(recordHash(read.canonical), record_hash, name);
      assert.equal(recordMac(recordKey(api_key), read.canonical), read.mac, name);
      assert.ok(
        disclosures.every((disclosure) => discloses(read.record, disclosure)),
        name,
      );
    }
  },
  'event-ids.json': () => {
    for (const { name, session_id, event_ids, ...sequence } of load<
      ReturnType<typeof eventIdVectors>
    >('event-ids.json')) {
      assert.deepEqual(eventIdsOf(session_id, sequence), event_ids, name);
      const rising = [sequence.after ?? '', ...event_ids];
      assert.deepEqual(rising, [...new Set(rising)].sort(), name);
    }
  },
  'ledger-files.json': () => {
    const { accept, reject } = load<ReturnType<typeof ledgerFileVectors>>('ledger-files.json');
    for (const { name, verdict, findings, ...vector } of [...accept, ...reject])
      assert.deepEqual(findingsOf(vector), { verdict, findings }, name);
    assert.ok(accept.every(({ verdict }) => verdict !== 'rejected'));
    assert.ok(reject.every(({ verdict }) => verdict === 'rejected'));
  },
  'ledgers.accept.json': () => judgeAll('ledgers.accept.json', ['verified', 'verified with notes']),
  'ledgers.reject.json': () => judgeAll('ledgers.reject.json', ['rejected']),
  // By `vantio verify` and the Python verifier: here is no file that they could open.
  'logs.json': () => {
    const { base, accept, reject } = load<ReturnType<typeof logVectors>>('logs.json');
    assert.ok(base.files.length > 10 && accept.length >= 20 && reject.length >= 50);
    assert.ok(accept.every(({ verdict }) => verdict !== 'rejected'));
    assert.ok(reject.every(({ verdict }) => verdict === 'rejected'));
  },
  'records.accept.json': () => {
    const { api_key, records } = load<{
      api_key: string;
      records: ReturnType<typeof acceptRecords>;
    }>('records.accept.json');
    for (const { name, canonical, record_hash, record_mac } of records) {
      assert.equal(recordSchema.safeParse(JSON.parse(canonical)).success, true, name);
      assert.equal(recordHash(canonical), record_hash, name);
      assert.equal(recordMac(recordKey(api_key), canonical), record_mac, name);
      assert.equal(
        parseEnvelope(`{"record":${canonical},"record_mac":"${record_mac}"}`).canonical,
        canonical,
        name,
      );
    }
  },
  'records.reject.json': () => {
    const { envelopes } = load<{ envelopes: RejectEnvelope[] }>('records.reject.json');
    assert.ok(envelopes.length >= 60, `only ${envelopes.length} rejects`);
    assert.equal(
      new Set(envelopes.map(({ name }) => name)).size,
      envelopes.length,
      'names are unique',
    );
    for (const { name, envelope, envelope_hex, code, field } of envelopes) {
      // Text is decoded before it is parsed: what is not UTF-8 never becomes an envelope.
      if (envelope === undefined) {
        assert.throws(
          () =>
            new TextDecoder('utf-8', { fatal: true }).decode(
              Buffer.from(envelope_hex ?? '', 'hex'),
            ),
          name,
        );
        continue;
      }
      assert.throws(
        () => parseEnvelope(envelope),
        (error) => {
          assert.ok(error instanceof EnvelopeError, name);
          assert.deepEqual({ code: error.code, field: error.field }, { code, field }, name);
          return true;
        },
        name,
      );
    }
  },
  'rotations.json': () => {
    const { accept, reject } = load<ReturnType<typeof rotationVectors>>('rotations.json');
    assert.ok(accept.every(({ signed_by }) => (signed_by?.length ?? 0) > 0));
    for (const { signed_by, ...vector } of accept)
      assert.deepEqual(signersIn(vector), signed_by, vector.name);
    for (const vector of reject) assert.equal(signersIn(vector), undefined, vector.name);
  },
  'written.json': () => checkWritten(load('written.json')),
};

function judgeAll(file: string, verdicts: readonly string[]): void {
  for (const { verdict, findings, ...vector } of load<LedgerVector[]>(file)) {
    assert.ok(verdicts.includes(verdict), `${vector.name}: ${verdict}`);
    assert.deepEqual(judge(vector), { verdict, findings }, vector.name);
  }
}

/** Registers a test for each vector file: every suite that speaks of records calls this, and none may skip a file. */
export function testVectors(): void {
  for (const name of readdirSync(folder).filter((file) => file.endsWith('.json')))
    test(`vectors: ${name}`, () => {
      const run = runners[name];
      assert.ok(run, `${name} has no runner here`);
      run();
    });

  test('no vector file is missing', () => {
    for (const name of Object.keys(runners)) assert.ok(readdirSync(folder).includes(name), name);
  });
}
