import assert from 'node:assert/strict';
import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { readCertificate } from '@vantio/schema/read-receipt';
import { holdsCertificate } from '@vantio/schema/receipt-certificate';
import { rawPublicKey } from '@vantio/schema/session-signature';
import { runVantio } from '../testing/run-vantio.ts';
import { temporaryDirectory } from '../testing/temporary-directory.ts';

function setUp(t: TestContext) {
  const cwd = temporaryDirectory(t);
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  writeFileSync(join(cwd, 'log-key.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }), {
    mode: 0o600,
  });
  const run = (...args: readonly string[]) => runVantio(['keys', 'receipts', ...args], { cwd });
  return { cwd, publicKey, run };
}
const OURS = ['--log-name', 'vantio.example', '--log-key', 'log-key.pem'];

test('a receipt key is made, and the key of the log vouches for it', async (t) => {
  const { cwd, publicKey, run } = setUp(t);
  const { status, stdout, stderr } = await run(...OURS);
  assert.equal(status, 0, stderr);
  const lines = stdout.trimEnd().split('\n');
  const certificate = readCertificate(JSON.parse(lines.at(-1) ?? ''));
  const key = createPrivateKey(lines.slice(0, -1).join('\n'));
  assert.equal(certificate.public_key, rawPublicKey(createPublicKey(key)));
  assert.equal(certificate.log, 'vantio.example');
  assert.ok(holdsCertificate(certificate, publicKey));
  const days = (Date.parse(certificate.not_after) - Date.now()) / 86_400_000;
  assert.ok(days > 119 && days <= 120);

  const told = JSON.parse((await run(...OURS, '--out', 'key', '--days', '1', '--json')).stdout);
  assert.equal(statSync(join(cwd, 'key')).mode & 0o777, 0o600);
  const written = readFileSync(join(cwd, 'key'), 'utf8');
  assert.ok(written.includes(told.public_key) && written.includes(told.not_after));
  assert.equal((await run(...OURS, '--out', 'key')).status, 2);
});

test('what is wrong is told in one sentence, and no key is made', async (t) => {
  const { cwd, run } = setUp(t);
  writeFileSync(join(cwd, 'word.pem'), 'word', { mode: 0o600 });
  writeFileSync(join(cwd, 'wide.pem'), 'word');
  chmodSync(join(cwd, 'wide.pem'), 0o644);
  const named = ['--log-name', 'vantio.example', '--log-key'];
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [['--log-name', 'Vantio', '--log-key', 'log-key.pem'], /--log-name wants/],
    [[...named, 'gone.pem'], /gone\.pem is not there/],
    [[...named, 'word.pem'], /word\.pem is not an Ed25519 private key/],
    [[...named, 'wide.pem'], /wide\.pem has mode 0644/],
    [[...named, 'projects/p/secrets/log-key'], /--log-public-key wants 64/],
    [[...named, 'projects/p/log', '--log-public-key', 'ab'.repeat(32)], /neither of the form/],
    [[...OURS, '--days', '401'], /--days wants a whole number from 1 to 400/],
  ];
  for (const [args, said] of cases) {
    const { status, stdout, stderr } = await run(...args);
    assert.equal(status, 2, args.join(' '));
    assert.equal(stdout, '');
    assert.match(stderr, said);
  }
});
