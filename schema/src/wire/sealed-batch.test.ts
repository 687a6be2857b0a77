import assert from 'node:assert/strict';
import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { makeApiKey, readApiKey, signerIdOf } from '../api-key.ts';
import { recordKey } from '../hash.ts';
import { createSession } from '../session.ts';
import { openBatch, type SealedBatchError, sealBatch } from './sealed-batch.ts';

const ingest = generateKeyPairSync('ed25519');
const trusted = new Map([[signerIdOf(ingest.publicKey), ingest.publicKey]]);
const apiKey = makeApiKey(
  { tenantId: 'acme', plan: 'paid' },
  generateKeyPairSync('ed25519').privateKey,
);
const { tenantId, keyId } = readApiKey(apiKey);
const header = {
  tenant_id: tenantId,
  key_id: keyId,
  received_at: '2026-11-23T10:00:00.000000Z',
};
const session = createSession({
  tenantId,
  keyId,
  source: 'sdk_node',
  recordKey: recordKey(apiKey),
  sessionKey: generateKeyPairSync('ed25519').privateKey,
});
const lines = [
  session.seal(
    {
      event_type: 'session_start',
      action_taken: 'RECORDED',
      evidence: 'observed',
      trace_origin: 'none',
      session_public_key: session.publicKey,
      emitter: 'test',
      emitter_version: '1',
    },
    1_764_000_000_000_000,
  ).envelope,
  session.seal(
    {
      event_type: 'anomaly',
      action_taken: 'FLAGGED_ANOMALY',
      evidence: 'observed',
      trace_origin: 'none',
      anomaly_code: 'odd',
      severity: 'low',
    },
    1_764_000_000_000_001,
  ).envelope,
];
const sealed = sealBatch(header, lines, ingest.privateKey);

const fault = (data: string, signers = trusted): string => {
  try {
    openBatch(data, signers);
    return 'opened';
  } catch (error) {
    return (error as SealedBatchError).code;
  }
};
/** Any text under a signature that holds: computed here from the description, not by the code under test. */
const signedAsItIs = (batch: string): string =>
  JSON.stringify({
    v: 1,
    batch,
    signer_id: signerIdOf(ingest.publicKey),
    signature: sign(
      null,
      Buffer.concat([
        Buffer.from('vantio/batch/v1\0'),
        createHash('sha256').update(batch).digest(),
      ]),
      ingest.privateKey,
    ).toString('hex'),
  });
const batchOf = (data: string): string => (JSON.parse(data) as { batch: string }).batch;

test('a sealed batch opens to the records and the header that were sealed', () => {
  const { envelopes, ...opened } = openBatch(sealed, trusted);
  assert.deepEqual(opened, { ...header, records: 2 });
  assert.deepEqual(
    envelopes.map(({ record }) => record.event_type),
    ['session_start', 'anomaly'],
  );
});

test('the signature is over the prefix and the SHA-256 of the batch', () => {
  assert.equal(signedAsItIs(batchOf(sealed)), sealed);
});

test('what no trusted ingest signed is refused: another key, another byte', () => {
  const stranger = generateKeyPairSync('ed25519');
  assert.equal(fault(sealBatch(header, lines, stranger.privateKey)), 'unknown_signer');
  const impostor = new Map([[signerIdOf(ingest.publicKey), stranger.publicKey]]);
  assert.equal(fault(sealed, impostor), 'forged_message');
  const text = batchOf(sealed);
  fc.assert(
    fc.property(fc.nat(text.length - 1), (at) => {
      const changed = `${text.slice(0, at)}${text[at] === '0' ? '1' : '0'}${text.slice(at + 1)}`;
      return fault(JSON.stringify({ ...JSON.parse(sealed), batch: changed })) === 'forged_message';
    }),
  );
});

test('a signed batch that is not of the form is refused all the same', () => {
  const [head = '', first = '', second = ''] = batchOf(sealed).split('\n');
  assert.equal(fault(signedAsItIs([head, first].join('\n'))), 'malformed_message');
  assert.equal(fault(signedAsItIs([head, first, second, ''].join('\n'))), 'malformed_message');
  assert.equal(fault(signedAsItIs(`{}\n${first}`)), 'malformed_message');
  assert.equal(
    fault(signedAsItIs([head.replace('acme', 'other'), first, second].join('\n'))),
    'invalid_record',
  );
  assert.equal(
    fault(signedAsItIs([head, first, second.replace('odd', 'ODD')].join('\n'))),
    'invalid_record',
  );
});

test('a message that is not ours is refused, whatever it is, and nothing of it is quoted', () => {
  for (const data of ['', 'null', '[]', '{"v":2}', `${sealed} x`, sealed.replace('"v":1', '"v":2')])
    assert.equal(fault(data), 'malformed_message');
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (data) => {
      assert.equal(fault(data), 'malformed_message');
    }),
  );
  assert.throws(
    () => openBatch(JSON.stringify({ ...JSON.parse(sealed), secret: 'prompt' }), trusted),
    (error: SealedBatchError) => !error.message.includes('prompt'),
  );
});
