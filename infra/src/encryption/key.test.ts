import * as assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { CONFIG, FULL } from '../testing/config.ts';
import { type Program, runProgram } from '../testing/run-program.ts';

describe('the own key', () => {
  let full: Program;
  before(async () => {
    full = await runProgram(FULL);
  });

  it('is there only where it was chosen', async () => {
    const { made } = await runProgram(CONFIG);
    assert.deepEqual(
      made.filter(({ type }) => type.startsWith('gcp:kms/')),
      [],
    );
  });

  it('is renewed each 90 days, and can be had back for thirty', () => {
    const { rotationPeriod, destroyScheduledDuration, purpose } = full.one(
      'kms/cryptoKey:CryptoKey',
      'key',
    ).inputs;
    assert.equal(rotationPeriod, `${90 * 86_400}s`);
    assert.equal(destroyScheduledDuration, `${30 * 86_400}s`);
    assert.equal(purpose, 'ENCRYPT_DECRYPT');
  });

  it('may be used by Google’s own accounts of the services that keep data, and by nobody else', () => {
    const grants = full
      .all('kms/cryptoKeyIAMMember:CryptoKeyIAMMember')
      .filter(({ inputs }) => inputs.cryptoKeyId.endsWith('/vantio-data'));
    assert.equal(grants.length, 7);
    for (const { inputs } of grants) {
      assert.equal(inputs.role, 'roles/cloudkms.cryptoKeyEncrypterDecrypter');
      assert.match(
        inputs.member,
        /^serviceAccount:(service-123@gcp-sa-|service-123@gs-|bq-123@)[a-z-]+(\.iam)?\.(iam\.)?gserviceaccount\.com$/,
      );
    }
  });
});
