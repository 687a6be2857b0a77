import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { rawPublicKey } from '@vantio/schema/session-signature';
import { runVantio, VANTIO } from '../testing/run-vantio.ts';
import { temporaryDirectory } from '../testing/temporary-directory.ts';

const [ONE, TWO] = ['1'.repeat(16), '2'.repeat(16)];

function setUp(t: TestContext) {
  const cwd = temporaryDirectory(t);
  const write = (name: string): string => {
    const pem = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' });
    writeFileSync(join(cwd, name), pem, { mode: 0o600 });
    return rawPublicKey(createPublicKey(pem));
  };
  const run = (...args: readonly string[]) => runVantio(['keys', 'revocations', ...args], { cwd });
  return { cwd, write, run, read: (name: string) => readFileSync(join(cwd, name), 'utf8') };
}
const listOf = (text: string) => JSON.parse(text).list;

test('a first list, then one with a key more, then one under the next key-making key', async (t) => {
  const { write, run, read } = setUp(t);
  const old = write('old.pem');
  const first = await run('--first', '--key', 'old.pem', '--out', 'first.json');
  assert.equal(first.status, 0, first.stderr);
  assert.equal(first.stdout, 'list 1 of 0 revoked keys, 0 of them new, is in first.json\n');
  const add = ['--list', 'first.json', '--key', 'old.pem', '--add', TWO, '--add', ONE];
  const second = await run(...add);
  assert.deepEqual(listOf(second.stdout).key_ids, [ONE, TWO]);
  assert.equal(listOf(second.stdout).version, 2);
  const told = JSON.parse((await run(...add, '--json', '--out', 'second.json')).stdout);
  assert.deepEqual(told, { version: 2, revoked: 2, added: [TWO, ONE], out: 'second.json' });
  write('next.pem');
  const rotated = ['--list', 'second.json', '--key', 'next.pem'];
  assert.equal((await run(...rotated)).status, 2);
  const { stdout } = await run(...rotated, '--signer', old, '--json');
  assert.deepEqual(listOf(JSON.parse(stdout).list).key_ids, [ONE, TWO]);
  assert.deepEqual(listOf(read('second.json')).key_ids, [ONE, TWO]);
});

test('the list comes from standard input as well, and the state directory has a key', async (t) => {
  const { cwd, run } = setUp(t);
  await runVantio(['keys', 'create', '--tenant', 'acme'], { cwd });
  const { stdout: list } = await run('--first');
  const args = [VANTIO, 'keys', 'revocations', '--list', '-', '--add', ONE];
  const piped = spawnSync(process.execPath, args, { cwd, input: list, encoding: 'utf8' });
  assert.equal(piped.status, 0, piped.stderr);
  assert.deepEqual(listOf(piped.stdout).key_ids, [ONE]);
  assert.equal(existsSync(join(cwd, '.vantio/revoked.json')), false);
});

test('what is wrong is told in one sentence, and no list is made', async (t) => {
  const { cwd, write, run } = setUp(t);
  write('key.pem');
  write('wide.pem');
  chmodSync(join(cwd, 'wide.pem'), 0o644);
  writeFileSync(join(cwd, 'none.pem'), 'x', { mode: 0o600 });
  writeFileSync(join(cwd, 'list.json'), '{}');
  const first = ['--first', '--key', 'key.pem'];
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [['--key', 'key.pem'], /say --first when there is no list yet/],
    [[...first, '--list', 'list.json'], /say --first when there is no list yet/],
    [['--list', '-', '--key', '-'], /only one of --list and --key/],
    [[...first, '--add', 'nonsense'], /--add wants a key id/],
    [['--first'], /\.vantio\/keymaker\.pem is not there; name the key-making key with --key/],
    [['--first', '--key', 'wide.pem'], /wide\.pem has mode 0644/],
    [['--first', '--key', 'none.pem'], /not an Ed25519 private key/],
    [['--list', 'list.json', '--key', 'key.pem'], /the known list is damaged/],
    [['--list', 'gone.json', '--key', 'key.pem'], /gone\.json cannot be read \(ENOENT\)/],
    [[...first, '--out', 'list.json'], /list\.json is there already/],
    [['--list', 'list.json', '--key', 'key.pem', '--signer', 'x'], /64 lower-case hex digits/],
  ];
  for (const [args, said] of cases) {
    const { status, stdout, stderr } = await run(...args);
    assert.equal(status, 2, args.join(' '));
    assert.match(stderr, said);
    assert.match(stderr, /^vantio: [^\n]+\n$/);
    assert.equal(stdout, '');
  }
  assert.equal(existsSync(join(cwd, '.vantio')), false);
});
