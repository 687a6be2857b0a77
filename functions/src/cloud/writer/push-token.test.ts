import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { startPushSigner } from '../mirror/push-signer.ts';
import { createPushTokenCheck } from './push-token.ts';

const [google, stranger] = [await startPushSigner(), await startPushSigner()];
after(() => {
  google.close();
  stranger.close();
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
const { token, certificatesUrl } = google;
const check = await createPushTokenCheck({ audience, account, certificatesUrl });

test('a token that the signer made for this subscription is let in', async () => {
  assert.equal(await check(token(good)), true);
});

test('any other is not', async () => {
  for (const authorization of [
    undefined,
    'Bearer',
    'Bearer x',
    stranger.token(good),
    token(good, { alg: 'RS256', kid: 'k2' }),
    token(good, { alg: 'none', kid: 'k1' }).replace(/[^.]*$/, ''),
    token({ ...good, aud: 'https://other.example' }),
    token({ ...good, email: 'somebody@example.com' }),
    token({ ...good, email_verified: false }),
    token({ ...good, exp: now - 1000, iat: now - 5000 }),
    token({ ...good, iss: 'https://example.com' }),
    token(good).slice(0, -3),
  ])
    assert.equal(await check(authorization), false);
});

test('without another address the certificates are Google’s: a token made here is nothing', async () => {
  const real = await createPushTokenCheck({ audience, account });
  assert.equal(await real(token(good)), false);
});
