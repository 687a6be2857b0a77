import assert from 'node:assert/strict';
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { test } from 'node:test';
import { type Receipt, signReceipt } from './receipt.ts';
import {
  type CertifiedKey,
  certificateText,
  type ReceiptCertificate,
} from './receipt-certificate.ts';
import { holdsReceipt } from './receipt-signature.ts';
import { rawPublicKey } from './session-signature.ts';

const [log, own, thief] = [1, 2, 3].map(() => generateKeyPairSync('ed25519'));
assert.ok(log && own && thief);

const RECEIPT: Receipt = {
  events: [{ event_id: '01980a9e-2a4d-7000-8000-0123456789ab', record_hash: 'ab'.repeat(32) }],
  key_id: 'k1',
  merge_by: '2026-01-02T03:14:05.000000Z',
  origin: 'log.example/acme',
  received_at: '2026-01-02T03:04:05.000000Z',
  tenant_id: 'acme',
};
const CERTIFIED: CertifiedKey = {
  log: 'log.example',
  not_after: '2026-05-01T00:00:00.000000Z',
  not_before: '2026-01-01T00:00:00.000000Z',
  public_key: rawPublicKey(own.publicKey),
};

const certify = (certified: CertifiedKey, key: KeyObject): ReceiptCertificate => ({
  ...certified,
  signature: sign(null, Buffer.from(certificateText(certified)), key).toString('hex'),
});

const holds = (
  certified: Partial<CertifiedKey>,
  { receipt = {}, by = own.privateKey, vouching = log.privateKey } = {} as {
    readonly receipt?: Partial<Receipt>;
    readonly by?: KeyObject;
    readonly vouching?: KeyObject;
  },
): boolean =>
  holdsReceipt(
    signReceipt({ ...RECEIPT, ...receipt }, by, certify({ ...CERTIFIED, ...certified }, vouching)),
    log.publicKey,
  );

test('a receipt holds under the log’s key, or under one that it vouches for', () => {
  assert.ok(holdsReceipt(signReceipt(RECEIPT, log.privateKey), log.publicKey));
  assert.ok(!holdsReceipt(signReceipt(RECEIPT, own.privateKey), log.publicKey));
  assert.ok(holds({}));
  assert.ok(holds({ not_before: RECEIPT.received_at, not_after: RECEIPT.received_at }));
});

test('a certificate vouches for one key, over some logs, for a time, and nothing else', () => {
  assert.ok(!holds({}, { vouching: thief.privateKey }));
  assert.ok(!holds({}, { vouching: own.privateKey }));
  assert.ok(!holds({}, { by: thief.privateKey }));
  // With a certificate it is the certified key that signs, and no other.
  assert.ok(!holds({}, { by: log.privateKey }));
  assert.ok(!holds({ log: 'log.example/acme' }));
  assert.ok(!holds({ log: 'other.example' }));
  assert.ok(!holds({}, { receipt: { tenant_id: 'globex' } }));
  assert.ok(!holds({}, { receipt: { received_at: '2026-05-01T00:00:00.000001Z' } }));
  assert.ok(!holds({}, { receipt: { received_at: '2025-12-31T23:59:59.999999Z' } }));
  assert.ok(!holds({ public_key: '00'.repeat(32) }));
  const signed = signReceipt(RECEIPT, own.privateKey, certify(CERTIFIED, log.privateKey));
  assert.ok(signed.certificate && holdsReceipt(signed, log.publicKey));
  for (const [name, value] of [
    ['not_after', '2027-01-01T00:00:00.000000Z'],
    ['not_before', '2025-01-01T00:00:00.000000Z'],
    ['public_key', rawPublicKey(thief.publicKey)],
  ] as const) {
    const certificate = { ...signed.certificate, [name]: value };
    assert.ok(!holdsReceipt({ ...signed, certificate }, log.publicKey), name);
  }
});

test('a certificate is no receipt, and a receipt no certificate', () => {
  assert.ok(certificateText(CERTIFIED).startsWith('vantio/receipt-key/v1\0{"log":'));
  const signed = signReceipt(RECEIPT, own.privateKey);
  const certificate = { ...certify(CERTIFIED, log.privateKey), signature: signed.signature };
  assert.ok(!holdsReceipt({ ...signed, certificate }, own.publicKey));
});
