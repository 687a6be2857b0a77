import assert from 'node:assert/strict';
import { generateKeyPairSync, sign } from 'node:crypto';
import { test } from 'node:test';
import { OAuth2Client } from 'google-auth-library';
import { createPushTokenCheck } from './push-token.ts';

const google = generateKeyPairSync('rsa', { modulusLength: 2048 });
const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 });
/** Google's own client, which checks against certificates made here: the real ones sign nothing for us. */
const client = new OAuth2Client();
client.getFederatedSignonCertsAsync = async () => ({
  certs: { k1: google.publicKey.export({ type: 'spki', format: 'pem' }).toString() },
  format: 'PEM' as never,
});

const audience = 'https://writer.example';
const account = 'push@project.iam.gserviceaccount.com';
const now = Math.floor(Date.now() / 1000);
const good = {
  iss: 'https://accounts.google.com',
  aud: audience,
  email: account,
  email_verified: true,
  iat: now - 10,
  exp: now + 3000,
};
const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const token = (claims: object, key = google.privateKey, kid = 'k1'): string => {
  const head = `${encode({ alg: 'RS256', kid, typ: 'JWT' })}.${encode(claims)}`;
  return `Bearer ${head}.${sign('sha256', Buffer.from(head), key).toString('base64url')}`;
};
const check = await createPushTokenCheck({ audience, account, client });

test('a token that Google signed for this subscription is let in', async () => {
  assert.equal(await check(token(good)), true);
});

test('any other is not', async () => {
  for (const authorization of [
    undefined,
    'Bearer',
    'Bearer x',
    token(good, stranger.privateKey),
    token(good, google.privateKey, 'k2'),
    token({ ...good, aud: 'https://other.example' }),
    token({ ...good, email: 'somebody@example.com' }),
    token({ ...good, email_verified: false }),
    token({ ...good, exp: now - 1000, iat: now - 5000 }),
    token({ ...good, iss: 'https://example.com' }),
    token(good).slice(0, -3),
  ])
    assert.equal(await check(authorization), false);
});
