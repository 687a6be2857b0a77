import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { rawPublicKey } from '../session-signature.ts';
import { type JudgeOptions, judgePolicy, policyPhase } from './judge-policy.ts';
import { checkPolicy } from './parse-policy.ts';
import { readEnvelope, readTrust, wrapPolicy } from './signed-policy.ts';

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const other = generateKeyPairSync('ed25519');
const policy = { v: 1, version: 5, blocked_hosts: ['evil.example'] };
const pinned: JudgeOptions = { trust: [publicKey], tenantId: 'acme' };
const signed = wrapPolicy(policy, 'acme', privateKey);

const judged = (text: string, options: JudgeOptions): string => {
  const judgement = judgePolicy(text, options);
  return judgement.verdict === 'accepted' ? judgement.trust : judgement.error.code;
};

test('a policy signed under a pinned key is taken as signed', () => {
  assert.equal(judged(signed, pinned), 'signed');
  assert.equal(judged(signed, { ...pinned, trust: [other.publicKey, publicKey] }), 'signed');
});

test('without a pinned key a policy is transport only, signed or not', () => {
  assert.equal(judged(signed, { ...pinned, trust: [] }), 'transport_only');
  assert.equal(judged(wrapPolicy(policy, 'acme'), { ...pinned, trust: [] }), 'transport_only');
});

test('with a pinned key a policy without its signature, or with another, is refused', () => {
  assert.equal(judged(wrapPolicy(policy, 'acme'), pinned), 'unknown_signer');
  assert.equal(judged(wrapPolicy(policy, 'acme', other.privateKey), pinned), 'bad_signature');
  assert.equal(judged(signed.replace('evil', 'good'), pinned), 'bad_signature');
  assert.equal(judged(signed.replace('"version":5', '"version":6'), pinned), 'bad_signature');
});

test("another tenant's policy is refused, though its signature holds", () => {
  assert.equal(judged(signed, { ...pinned, tenantId: 'other' }), 'bad_envelope');
  assert.equal(
    judged(signed.replace('"acme"', '"other"'), { ...pinned, tenantId: 'other' }),
    'bad_signature',
  );
});

test('a version only goes up', () => {
  const { sha256 } = readEnvelope(signed);
  const last = (version: number, hash = sha256): JudgeOptions => ({
    ...pinned,
    last: { version, sha256: hash },
  });
  assert.equal(judged(signed, last(4)), 'signed');
  assert.equal(judged(signed, last(5)), 'signed');
  assert.equal(judged(signed, last(5, '0'.repeat(64))), 'rolled_back');
  assert.equal(judged(signed, last(6)), 'rolled_back');
});

test('what is not canonical, or has members of its own, is refused', () => {
  const open = { ...pinned, trust: [] };
  assert.equal(judged(JSON.stringify(JSON.parse(signed), null, 1), open), 'bad_envelope');
  assert.equal(judged(signed.replace('{"policy"', '{"a":1,"policy"'), open), 'bad_envelope');
  assert.equal(judged(signed.replace('"v":1', '"v":1,"v":1'), open), 'bad_envelope');
  assert.equal(judged('[]', open), 'bad_envelope');
  assert.equal(judged('{', open), 'not_json');
  assert.equal(judged(`${' '.repeat(5_000_000)}{}`, open), 'too_large');
  assert.equal(
    judged(wrapPolicy(policy, 'acme').replace('evil.example', 'a b'), open),
    'bad_value',
  );
});

test('VANTIO_TRUST holds public keys and nothing else', () => {
  assert.equal(
    readTrust(`${rawPublicKey(publicKey)}, ${rawPublicKey(other.publicKey)},`).length,
    2,
  );
  for (const text of ['zz', '0'.repeat(64), rawPublicKey(publicKey).slice(1)])
    assert.throws(() => readTrust(text), { code: 'unknown_signer' });
});

test('a policy is fresh, then stale, then no longer to be had', () => {
  const document = checkPolicy({ ...policy, max_age: 60, stale_if_error: 600 });
  const phase = (seconds: number): string =>
    policyPhase(document, 1_000_000, 1_000_000 + seconds * 1000);
  assert.deepEqual([-100, 0, 59, 60, 659, 660].map(phase), [
    'fresh',
    'fresh',
    'fresh',
    'stale',
    'stale',
    'unavailable',
  ]);
});

test('an expired policy is stale however young it is', () => {
  const document = checkPolicy({
    ...policy,
    stale_if_error: 10,
    expires_at: '2027-01-01T00:00:00Z',
  });
  const expiry = Date.parse('2027-01-01T00:00:00Z');
  assert.equal(policyPhase(document, expiry - 1, expiry - 1), 'fresh');
  assert.equal(policyPhase(document, expiry, expiry), 'stale');
  assert.equal(policyPhase(document, expiry + 10_000, expiry + 10_000), 'unavailable');
});
