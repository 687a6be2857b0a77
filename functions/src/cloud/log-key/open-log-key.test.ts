import assert from 'node:assert/strict';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { after, test } from 'node:test';
import { checkpointText, openCheckpoint } from '@vantio/schema/tlog/checkpoint';
import { signNote } from '@vantio/schema/tlog/note';
import { rawPublicKey } from '@vantio/schema/tlog/note-keys';
import { EMPTY_ROOT } from '@vantio/schema/tlog/tree-hash';
import { startSecretManager } from '../mirror/secret-manager.ts';
import { startKmsStandIn } from '../testing/kms-stand-in.ts';
import { logIdentity } from './log-identity.ts';
import { openLogKey } from './open-log-key.ts';

const [ours, other] = [generateKeyPairSync('ed25519'), generateKeyPairSync('ed25519')];
const curve = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const hexOf = (key: KeyObject): string => Buffer.from(rawPublicKey(key)).toString('hex');
const trusted = hexOf(ours.privateKey);

const RING = 'projects/p/locations/europe-west1/keyRings/vantio/cryptoKeys';
const KMS = `${RING}/log/cryptoKeyVersions/1`;
const algorithm = 'EC_SIGN_ED25519';
const kms = await startKmsStandIn(
  { after },
  new Map([
    [KMS, { ...ours, algorithm }],
    [`${RING}/log/cryptoKeyVersions/2`, { ...other, algorithm }],
    [`${RING}/other/cryptoKeyVersions/1`, { ...curve, algorithm: 'EC_SIGN_P256_SHA256' }],
  ]),
);

const SECRET = 'projects/p/secrets/vantio-log-key';
const secrets = await startSecretManager();
after(() => secrets.close());
process.env.VANTIO_SECRET_MANAGER_HOST = secrets.host;
const put = (key: KeyObject, name = SECRET): void =>
  secrets.put(name, key.export({ type: 'pkcs8', format: 'pem' }).toString());
put(ours.privateKey);
put(curve.privateKey, `${SECRET}-curve`);
secrets.put(`${SECRET}-public`, ours.publicKey.export({ type: 'spki', format: 'pem' }).toString());
secrets.put(`${SECRET}-word`, 'word');

test('a key in Secret Manager and one in Cloud KMS sign the same checkpoint to the byte', async () => {
  const head = { origin: 'log.example/acme', size: 0, root: EMPTY_ROOT };
  const notes = [];
  for (const name of [SECRET, KMS]) {
    const { signer, verifier } = logIdentity(head.origin, {
      current: await openLogKey(name, trusted),
      publicKeys: [Buffer.from(trusted, 'hex')],
      revoked: [],
    });
    const note = await signNote(checkpointText(head), [signer]);
    assert.equal(openCheckpoint(note, verifier).size, 0);
    notes.push(note);
  }
  assert.equal(notes[0], notes[1]);
  assert.equal(kms.signed(), 1);
});

test('a key that is another, of another kind, or not there does not sign', async () => {
  const cases: readonly (readonly [string, string])[] = [
    [`${RING}/log/cryptoKeyVersions/2`, 'untrusted_key'],
    [`${RING}/other/cryptoKeyVersions/1`, 'no_key'],
    [`${RING}/none/cryptoKeyVersions/1`, 'no_key'],
    [`${SECRET}-curve`, 'no_key'],
    [`${SECRET}-public`, 'no_key'],
    [`${SECRET}-word`, 'no_key'],
    ['projects/p/keys/k', 'bad_setting'],
  ];
  for (const [name, code] of cases) await assert.rejects(openLogKey(name, trusted), { code }, name);
  put(other.privateKey);
  await assert.rejects(openLogKey(SECRET, trusted), { code: 'untrusted_key' });
});

test('an answer of Cloud KMS that is no signature of the text is not passed on', async () => {
  const key = await openLogKey(KMS, trusted);
  assert.equal((await key.sign('text')).length, 64);
  kms.damage();
  await assert.rejects(key.sign('text'), { code: 'bad_signature' });
});
