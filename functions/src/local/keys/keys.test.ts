import assert from 'node:assert/strict';
import {
  chmodSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { checkApiKey, makeApiKey, readApiKey } from '@vantio/schema';
import { createHouse } from '../../testing/local.ts';
import { createKey, listKeys, openKeymaker, revokeKey, runLocal, startLocal } from '../main.ts';

function stateDirOf(t: { after(hook: () => void): void }): string {
  const directory = mkdtempSync(join(tmpdir(), 'vantio-keys-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  return join(directory, 'state');
}

test('the key-making key is made once, readable by its owner alone', (t) => {
  const stateDir = stateDirOf(t);
  const first = openKeymaker(stateDir);
  const path = join(stateDir, 'keymaker.pem');
  assert.equal(statSync(path).mode & 0o777, 0o600);
  assert.equal(statSync(stateDir).mode & 0o777, 0o700);
  assert.match(readFileSync(path, 'utf8'), /^-----BEGIN PRIVATE KEY-----/);
  assert.equal(openKeymaker(stateDir).signerId, first.signerId);
});

test('a key-making key that others can read is refused, with what to do', (t) => {
  const stateDir = stateDirOf(t);
  openKeymaker(stateDir);
  const path = join(stateDir, 'keymaker.pem');
  for (const mode of [0o640, 0o604, 0o644, 0o660]) {
    chmodSync(path, mode);
    assert.throws(() => openKeymaker(stateDir), {
      code: 'wide_mode',
      message: /keymaker\.pem has mode 0\d{3}.*chmod 600/,
    });
  }
});

test('a key-making key that is none, or a link, is refused and not replaced', (t) => {
  const stateDir = stateDirOf(t);
  openKeymaker(stateDir);
  const path = join(stateDir, 'keymaker.pem');
  writeFileSync(path, 'nonsense');
  assert.throws(() => openKeymaker(stateDir), { code: 'bad_state' });
  assert.equal(readFileSync(path, 'utf8'), 'nonsense');
  rmSync(path);
  symlinkSync(join(stateDir, 'elsewhere'), path);
  assert.throws(() => openKeymaker(stateDir), { code: 'ELOOP' });
});

test('a made key is good under the key-maker, and is listed without its secret', (t) => {
  const stateDir = stateDirOf(t);
  const apiKey = createKey(stateDir, { tenantId: 'acme', plan: 'free', expiresAt: 2_000_000_000 });
  const { signerId, publicKey } = openKeymaker(stateDir);
  const claims = checkApiKey(apiKey, new Map([[signerId, publicKey]]), 0);
  assert.equal(claims.plan, 'free');
  createKey(stateDir, { tenantId: 'globex' });
  revokeKey(stateDir, claims.keyId);
  const [first, second] = listKeys(stateDir);
  assert.deepEqual(
    [first?.keyId, first?.plan, first?.expiresAt, first?.revoked],
    [claims.keyId, 'free', 2_000_000_000, true],
  );
  assert.deepEqual(
    [second?.tenantId, second?.plan, second?.expiresAt, second?.revoked],
    ['globex', 'local', 0, false],
  );
  const secret = apiKey.split('.')[6] ?? '';
  assert.ok(!readFileSync(join(stateDir, 'issued.ndjson'), 'utf8').includes(secret));
});

test('what is no key id, or no tenant, is refused', (t) => {
  const stateDir = stateDirOf(t);
  assert.throws(() => revokeKey(stateDir, 'ABC'), /16 lower-case hex/);
  assert.throws(() => createKey(stateDir, { tenantId: 'No Such' }), { code: 'malformed_key' });
});

test('nothing is added to a revocation list that cannot be trusted', (t) => {
  const stateDir = stateDirOf(t);
  const { keyId } = readApiKey(createKey(stateDir, { tenantId: 'acme' }));
  writeFileSync(join(stateDir, 'revoked.json'), '{"list":{"key_ids":[]}}');
  assert.throws(() => revokeKey(stateDir, keyId), { code: 'bad_state' });
});

test('a control key of another key-maker stops the start, before anything is written', async (t) => {
  const house = createHouse(t);
  const other = openKeymaker(stateDirOf(t));
  openKeymaker(house.stateDir);
  const foreign = makeApiKey({ tenantId: 'vantio', plan: 'control' }, other.privateKey);
  writeFileSync(join(house.stateDir, 'control.key'), foreign, { mode: 0o600 });
  await assert.rejects(house.start(), { code: 'bad_state' });
  await assert.rejects(
    startLocal({
      outputFile: join(house.directory, 'ledger.txt'),
      stateDir: stateDirOf(t),
      port: 0,
    }),
    /\.ndjson/,
  );
});

test('SOVEREIGN_MODE=cloud is refused: this server has only the mode local', async (t) => {
  const house = createHouse(t);
  const before = process.env.SOVEREIGN_MODE;
  t.after(() => {
    if (before === undefined) delete process.env.SOVEREIGN_MODE;
    else process.env.SOVEREIGN_MODE = before;
  });
  process.env.SOVEREIGN_MODE = 'cloud';
  const { ledger: outputFile, stateDir } = house;
  await assert.rejects(runLocal({ outputFile, stateDir, port: 0 }), /SOVEREIGN_MODE is cloud/);
});
