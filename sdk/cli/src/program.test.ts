import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { NODE_VERSIONS } from './testing/node-versions.ts';
import { runVantio } from './testing/run-vantio.ts';

const COMMANDS = [
  '',
  'run',
  'serve',
  'verify',
  'show',
  'tail',
  'doctor',
  'keys',
  'keys create',
  'keys revoke',
  'keys list',
  'policy',
  'policy lint',
  'policy test',
  'policy simulate',
  'policy keygen',
  'policy sign',
  'policy push',
  'policy pull',
  'policy history',
  'policy rollback',
  'witness',
  'witness keygen',
  'witness serve',
];

for (const { major, path: node } of NODE_VERSIONS)
  test(`vantio --version says the package's version on Node ${major}`, {
    skip: node === undefined ? `no Node ${major} here: VANTIO_NODE${major} names none` : false,
  }, async () => {
    const { version } = JSON.parse(
      readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
    ) as { version: string };
    const ran = await runVantio(['--version'], node === undefined ? {} : { node });
    assert.deepEqual([ran.status, ran.stdout, ran.stderr], [0, `${version}\n`, '']);
  });

for (const command of COMMANDS)
  test(`vantio ${command} --help has examples, exit codes and --json`, async () => {
    const words = command.split(' ').filter((word) => word !== '');
    const { status, stdout } = await runVantio([...words, '--help']);
    assert.equal(status, 0);
    assert.match(stdout, /^(Each command has --json\. )?Exit codes: /m);
    assert.match(stdout, /^ {2}\$ (vantio|export VANTIO_API_KEY=\$\(vantio) /m);
    assert.match(stdout, /--json/);
  });

test('an unknown command or option exits 2 and says where to look', async () => {
  for (const [args, sentence] of [
    [['verfy'], "vantio: unknown command 'verfy' (Did you mean verify?)"],
    [['--frobnicate'], "vantio: unknown option '--frobnicate'; see vantio --help"],
    [
      ['keys', 'create'],
      "vantio: required option '--tenant <name>' not specified; see vantio keys create --help",
    ],
    [['tail', 'x', '-n', '\u001b[31m'], 'vantio: --lines wants a whole number from 0 to 100000.'],
  ] as const) {
    const ran = await runVantio(args);
    assert.equal(ran.status, 2);
    assert.equal(ran.stdout, '');
    assert.ok(ran.stderr.startsWith(sentence), ran.stderr);
    assert.equal(ran.stderr.trimEnd().split('\n').length, 1);
  }
});

test('an unknown option given by somebody else cannot drive the terminal', async () => {
  const ran = await runVantio(['verify', 'x', '--a\u001b]0;owned\u0007']);
  assert.doesNotMatch(ran.stderr, /\u001b/);
});

test('help says no default of an option that may be given again', async () => {
  for (const command of ['verify', 'monitor', 'convert', 'erase']) {
    const { stdout } = await runVantio([command, '--help']);
    assert.doesNotMatch(stdout, /default: \[\]/, command);
  }
  assert.match((await runVantio(['verify', '--help'])).stdout, /\(default: 50\)/);
});
