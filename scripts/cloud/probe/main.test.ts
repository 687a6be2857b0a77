import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { makeApiKey } from '@vantio/schema';

const dir = mkdtempSync(join(tmpdir(), 'vantio-probe-main-'));
after(() => rmSync(dir, { recursive: true }));

/** On a machine with an owner who has no credentials, and without the suite's emulators. */
const { SPANNER_EMULATOR_HOST: _, PUBSUB_EMULATOR_HOST: __, ...environment } = process.env;
const BARE = {
  ...environment,
  GOOGLE_APPLICATION_CREDENTIALS: join(dir, 'none.json'),
  METADATA_SERVER_DETECTION: 'none',
};

const run = (args: readonly string[], env: NodeJS.ProcessEnv = BARE) =>
  spawnSync(process.execPath, ['scripts/cloud/probe/main.ts', ...args], {
    encoding: 'utf8',
    env,
    timeout: 60_000,
  });

function keyFile(tenantId: string): string {
  const file = join(dir, `${tenantId}.key`);
  const apiKey = makeApiKey({ tenantId, plan: 'free' }, generateKeyPairSync('ed25519').privateKey);
  writeFileSync(file, `# made for this test\n${apiKey}\n`);
  return file;
}

const argsWith = (file: string): readonly string[] => [
  '--project=acme-audit',
  '--region=europe-west1',
  '--url=http://127.0.0.1:1',
  `--key-file=${file}`,
];

test('--help says what is asked, what it takes and what the exit codes mean', () => {
  const { status, stdout } = run(['--help']);
  assert.equal(status, 0);
  for (const part of [/^usage: scripts\/probe-live /, /Exit codes: 0 /, /\nExamples:\n/])
    assert.match(stdout, part);
});

test('wrong arguments end with 64 and say what to type', () => {
  const { status, stderr } = run([]);
  assert.equal(status, 64);
  assert.match(stderr, /^--project is missing\nscripts\/probe-live --help says more\n$/);
});

test('a key of a tenant that is no throw-away is refused, and never shown', () => {
  const { status, stderr } = run(argsWith(keyFile('acme')));
  assert.equal(status, 64);
  assert.match(stderr, /is of tenant acme; make one for a tenant whose name begins with "probe"/);
  assert.doesNotMatch(stderr, /vk1\./);
  for (const text of ['', 'vk1.probe\n', 'one\ntwo\n']) {
    const file = join(dir, 'bad.key');
    writeFileSync(file, text);
    const bad = run(argsWith(file));
    assert.equal(bad.status, 64);
    assert.match(bad.stderr, /^--key-file: .*bad\.key/);
  }
  assert.match(run(argsWith(join(dir, 'absent.key'))).stderr, /cannot be read \(ENOENT\)/);
});

test('an emulator proves nothing of a project', () => {
  const env = { ...BARE, PUBSUB_EMULATOR_HOST: '127.0.0.1:1' };
  const { status, stderr } = run(argsWith(keyFile('probe-1')), env);
  assert.equal(status, 64);
  assert.match(stderr, /^PUBSUB_EMULATOR_HOST is set: an emulator proves nothing of a project/);
});

test('without credentials nothing is asked, and it says how to get them', () => {
  const { status, stdout, stderr } = run(argsWith(keyFile('probe-1')));
  assert.equal(status, 69, stderr);
  assert.match(stderr, /gcloud auth application-default login/);
  assert.equal(stdout, '');
});
