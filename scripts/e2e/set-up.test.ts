import assert from 'node:assert/strict';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { run } from './run.ts';

const scratch = mkdtempSync(join(tmpdir(), 'vantio-set-up-'));
after(() => rmSync(scratch, { recursive: true, force: true }));

/** A PATH with the shell's everyday tools but neither Node nor apt-get. */
async function bareTools(name: string): Promise<string> {
  const folder = join(scratch, name);
  mkdirSync(folder);
  for (const tool of ['bash', 'dirname', 'uname', 'id', 'mktemp', 'tail', 'rm', 'env']) {
    const { stdout } = await run('bash', ['-c', `command -v ${tool}`]);
    symlinkSync(stdout.trim(), join(folder, tool));
  }
  return folder;
}

/** An empty checkout: the scripts and the lock file, without packages. */
function checkout(name: string): string {
  const folder = join(scratch, name);
  mkdirSync(join(folder, 'scripts'), { recursive: true });
  for (const file of ['scripts/setup', 'scripts/test', 'scripts/build', 'package-lock.json']) {
    cpSync(file, join(folder, file), { recursive: true });
  }
  return folder;
}

test('without Node, npm and apt-get the scripts say in one sentence what to install', async () => {
  const PATH = await bareTools('without-node');
  const { status, stderr } = await run(join(checkout('a'), 'scripts/test'), [], { PATH });
  assert.equal(status, 69, stderr);
  assert.match(stderr, /^Install Node 20 or newer with npm .*\n$/);
});

test('an npm too old to read the lock file counts as none', async () => {
  const PATH = await bareTools('with-old-npm');
  for (const [name, version] of [
    ['node', 'v10.24.0'],
    ['npm', '6.14.12'],
  ] as const) {
    writeFileSync(join(PATH, name), `#!/bin/sh\necho ${version}\n`, { mode: 0o755 });
  }
  // This `node` answers every script with success, as if all packages were there; npm decides.
  const { status, stderr } = await run(join(checkout('b'), 'scripts/test'), [], { PATH });
  assert.equal(status, 69, stderr);
  assert.match(stderr, /^Install Node 20/);
});

test('packages count as installed only while they are what the lock file asks for', async () => {
  const installed = async (folder: string): Promise<number> =>
    (await run(process.execPath, ['scripts/setup/is-installed.cjs', folder])).status;
  assert.equal(await installed('.'), 0);
  assert.equal(await installed(checkout('c')), 1, 'nothing is installed in an empty checkout');

  const changed = checkout('d');
  mkdirSync(join(changed, 'node_modules'));
  const hidden = readFileSync('node_modules/.package-lock.json', 'utf8');
  writeFileSync(join(changed, 'node_modules/.package-lock.json'), hidden);
  assert.equal(await installed(changed), 0);
  const lock = readFileSync('package-lock.json', 'utf8');
  writeFileSync(
    join(changed, 'package-lock.json'),
    lock.replace(/("node_modules\/zod": \{\s+"version": ")/, '$19'),
  );
  assert.equal(await installed(changed), 1, 'another version is asked for');
});
