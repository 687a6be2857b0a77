import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { makeApiKey } from '@vantio/schema';
import { GoogleAuth, OAuth2Client } from 'google-auth-library';
import { PROBES } from './finding.ts';
import { liveSubject } from './live-subject.ts';
import { CannotActError } from './subject.ts';
import { startHttp } from './testing/http-stand-in.ts';

const dir = mkdtempSync(join(tmpdir(), 'vantio-live-subject-'));
const keyFile = join(dir, 'probe.key');
const signer = generateKeyPairSync('ed25519').privateKey;
writeFileSync(keyFile, makeApiKey({ tenantId: 'probe-1', plan: 'free' }, signer));
after(() => rmSync(dir, { recursive: true }));

const OPTIONS = {
  project: 'acme-audit',
  region: 'europe-west1',
  url: 'https://vantio.acme.example',
  keyFile,
  only: PROBES,
  operatorTenant: 'vantio',
  requestsPerMinute: 100,
  patienceSeconds: 1,
  json: false,
};

/** Stands in for the service that gives tokens of accounts to those who may have them. */
async function startIam(mayBe: readonly string[]) {
  const asked: string[] = [];
  const { url, close } = await startHttp((request, response) => {
    const [, account = ''] =
      /serviceAccounts\/(.+):generateAccessToken/.exec(request.url ?? '') ?? [];
    asked.push(decodeURIComponent(account));
    const may = mayBe.some((name) => account.startsWith(name));
    response.writeHead(may ? 200 : 403, { 'content-type': 'application/json' });
    response.end(
      JSON.stringify(
        may
          ? { accessToken: 'token', expireTime: '2100-01-01T00:00:00Z' }
          : { error: { code: 403, status: 'PERMISSION_DENIED', message: 'iam.getAccessToken' } },
      ),
    );
  });
  const authClient = new OAuth2Client();
  authClient.setCredentials({ access_token: 'owner', expiry_date: 4_102_444_800_000 });
  return { standIns: { auth: new GoogleAuth({ authClient }), iamEndpoint: url }, asked, close };
}

test('a token of an account that is refused is not a refusal by Spanner: it says which right gives one', async () => {
  const { standIns, asked, close } = await startIam(['vantio-writer@']);
  const { subject, close: closeSubject } = liveSubject(OPTIONS, standIns);
  await subject.spannerAs('owner');
  await subject.spannerAs('writer');
  await subject.spannerAs('writer');
  await assert.rejects(
    subject.spannerAs('sealer'),
    (error) =>
      error instanceof CannotActError &&
      /vantio-sealer@acme-audit\.iam\.gserviceaccount\.com: grant yourself roles\/iam\.serviceAccountTokenCreator/.test(
        error.message,
      ),
  );
  await assert.rejects(subject.bigQuery(), CannotActError);
  assert.deepEqual(asked, [
    'vantio-writer@acme-audit.iam.gserviceaccount.com',
    'vantio-sealer@acme-audit.iam.gserviceaccount.com',
    'vantio-compliance@acme-audit.iam.gserviceaccount.com',
  ]);
  await closeSubject();
  close();
});

test('what is looked at is what infra/ makes', () => {
  const { subject } = liveSubject(OPTIONS);
  assert.equal(subject.topics.ledger, 'projects/acme-audit/topics/vantio-ledger');
  assert.equal(subject.topics.deadLetter, 'projects/acme-audit/topics/vantio-dead-letter');
  assert.equal(
    subject.deadLetterSubscription,
    'projects/acme-audit/subscriptions/vantio-dead-letter',
  );
  assert.equal(subject.connection.connection, 'vantio-ledger');
});
