import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { test } from 'node:test';
import { run } from './run.ts';

const ROOMS = ['agent', 'functions', 'infra', 'schema', 'scripts', 'sdk'];
const PAPERS = ['CONTRIBUTING.md', 'LICENSE', 'README.md', 'SECURITY.md'];
/** What npm, tsc and Biome look for at the top and nowhere else. */
const TOOLS = ['biome.json', 'package-lock.json', 'tsconfig.base.json', 'tsconfig.json'];

async function trackedFiles(): Promise<string[]> {
  const { status, stdout } = await run('git', ['ls-files', '-z']);
  assert.equal(status, 0, 'git ls-files failed: the tests need a checkout');
  return stdout.split('\0').filter((file) => file !== '');
}

test('the top level holds the rooms, the papers, the tools’ files and nothing else', async () => {
  const top = new Set((await trackedFiles()).map((file) => file.split('/')[0] ?? file));
  const visible = [...top].filter((name) => !name.startsWith('.')).sort();
  const allowed = [...ROOMS, ...PAPERS, ...TOOLS, 'Pulumi.yaml', 'package.json'].sort();
  assert.deepEqual(visible, allowed);
});

test('every crate that the agent names has its reason in CONTRIBUTING.md', () => {
  const contributing = readFileSync('CONTRIBUTING.md', 'utf8');
  const [, table = ''] = readFileSync('agent/Cargo.toml', 'utf8').split(
    '[workspace.dependencies]\n',
  );
  const crates = [...(table.split('\n[')[0] ?? '').matchAll(/^([a-z_-]+) = /gm)].map(
    (found) => found[1],
  );
  assert.ok(crates.length > 0);
  for (const name of crates) {
    if (name?.startsWith('phantom-') || name === undefined) continue;
    assert.ok(
      contributing.includes(`\`${name}\``),
      `${name} of agent/Cargo.toml has no reason given`,
    );
  }
});

test('no tracked file names a folder of the machine it was made on, or a package registry', async () => {
  // Spelled in parts, or this file would find itself.
  const tell = [
    homedir() === '/' ? undefined : `${homedir()}/`,
    `/${'work'}/main`,
    `/${'work'}/shared`,
    `${'registry'}.npmjs.org`,
    `${'registry'}.yarnpkg.com`,
    `"${'resolved'}": "http`,
  ].filter((word) => word !== undefined);
  for (const file of await trackedFiles()) {
    const text = readFileSync(file, 'latin1');
    for (const word of tell) assert.ok(!text.includes(word), `${file} says ${word}`);
  }
});

test('continuous integration runs scripts/test and nothing else', () => {
  const lines = readFileSync('.ci/run', 'utf8').split('\n').slice(1);
  const commands = lines.filter((line) => line !== '' && !line.startsWith('#'));
  assert.deepEqual(commands, ['set -euo pipefail', 'cd "$(dirname "$0")/.."', 'exec scripts/test']);
  assert.deepEqual(readdirSync('.ci'), ['run']);
});

test('every direct dependency has its reason in CONTRIBUTING.md', async () => {
  const contributing = readFileSync('CONTRIBUTING.md', 'utf8');
  const manifests = (await trackedFiles()).filter((file) => file.endsWith('package.json'));
  for (const file of manifests) {
    const manifest = JSON.parse(readFileSync(file, 'utf8')) as Record<string, object | undefined>;
    const { dependencies, devDependencies, optionalDependencies } = manifest;
    for (const name of Object.keys({
      ...dependencies,
      ...devDependencies,
      ...optionalDependencies,
    })) {
      if (name.startsWith('@vantio/') || name === 'vantio') continue;
      // `@scope/*` stands for a whole family.
      const family = `${name.split('/')[0]}/*`;
      const isGiven = [name, family].some((word) => contributing.includes(`\`${word}\``));
      assert.ok(isGiven, `${name} of ${file} has no reason given`);
    }
  }
});

test('nothing loads functions but the CLI, when a command needs it, and scripts', async () => {
  const sources = (await trackedFiles()).filter(
    (file) => /\.(ts|mjs|cjs)$/.test(file) && !/^(functions|scripts)\//.test(file),
  );
  for (const file of sources)
    for (const line of readFileSync(file, 'utf8').split('\n')) {
      if (
        !/'@vantio\/functions['/]/.test(line) &&
        !/from '[^']*\/functions\/(src|dist)\//.test(line)
      )
        continue;
      assert.match(file, /^sdk\/cli\//, `${file} loads functions`);
      // The last two are small and need nothing but Node.
      const isOfTests = /\.test\.ts$|\/testing\//.test(file);
      const isLazy =
        /import type|typeof import\(|[^.]import\(|functions\/local\/(state-dir|lock)'/.test(line);
      assert.ok(isLazy || isOfTests, `${file} loads functions at its start`);
    }
});

type Locked = { readonly optionalDependencies?: Readonly<Record<string, string>> };

test('every lock file holds the packages of all platforms, or npm ci refuses it', async () => {
  const locks = (await trackedFiles()).filter((file) => file.endsWith('package-lock.json'));
  assert.ok(locks.length > 0);
  for (const file of locks) {
    const { packages } = JSON.parse(readFileSync(file, 'utf8')) as {
      readonly packages: Readonly<Record<string, Locked>>;
    };
    const paths = Object.keys(packages);
    for (const [path, { optionalDependencies = {} }] of Object.entries(packages)) {
      const missing = Object.keys(optionalDependencies).filter(
        (name) => !paths.some((other) => other.endsWith(`node_modules/${name}`)),
      );
      assert.deepEqual(missing, [], `${file}: ${path || 'its own package'}`);
    }
  }
});
