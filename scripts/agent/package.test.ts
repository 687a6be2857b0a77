import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { run } from '../e2e/run.ts';
import { AGENT } from './world.ts';

const CARGO = process.env.VANTIO_CARGO ?? '';
const has = (program: string): boolean =>
  spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;
const cannotRun: string | false =
  AGENT === '' || CARGO === ''
    ? 'VANTIO_TEST_AGENT names no vantio-agent: scripts/test agent builds one'
    : process.getuid?.() !== 0
      ? 'installing a package needs root'
      : !has('dpkg-deb') && 'this machine has no dpkg';

/** A root of its own, with a database of packages that holds nothing. */
let root: string;
before(() => {
  root = mkdtempSync(join(tmpdir(), 'vantio-package-'));
  for (const name of ['updates', 'info', 'triggers'])
    mkdirSync(join(root, 'var/lib/dpkg', name), { recursive: true });
  for (const name of ['status', 'available']) writeFileSync(join(root, 'var/lib/dpkg', name), '');
});
after(() => rmSync(root, { recursive: true, force: true }));

test('the package installs, its program says what is missing, and it goes without a trace but what a user wrote, until it is purged', {
  skip: cannotRun,
}, async (context) => {
  // What is there for a debugger would take minutes to compress.
  const small = join(root, 'small');
  if ((await run('strip', ['-o', small, AGENT])).status !== 0) copyFileSync(AGENT, small);
  const words = ['xtask', 'deb', '--binary', small];
  const built = await run(CARGO, words, process.env, resolve('agent'));
  assert.equal(built.status, 0, built.stderr);
  rmSync(small);
  const package_ = built.stdout.match(/in '([^']+\.deb)'/)?.[1] ?? '';
  const dpkg = async (...args: readonly string[]): Promise<void> => {
    const { status, stderr } = await run('dpkg', [`--root=${root}`, '--force-not-root', ...args]);
    assert.equal(status, 0, stderr);
  };
  await dpkg('--install', package_);
  const doctor = await run(join(root, 'usr/bin/vantio-agent'), ['doctor']);
  assert.match(doctor.stdout, /^ok +capabilities: /m, doctor.stderr);
  assert.match(doctor.stdout, /^limited +records: nothing is recorded: set output_file/m);

  // What the unit needs of a stock Debian is there to be put in force, and is in force nowhere.
  const setting = readFileSync(join(root, 'usr/share/vantio-agent/sysctl.conf'), 'utf8');
  assert.deepEqual(
    setting.split('\n').filter((line) => line !== '' && !line.startsWith('#')),
    ['kernel.perf_event_paranoid = 2'],
  );
  for (const folder of ['etc/sysctl.d', 'usr/lib/sysctl.d', 'lib/sysctl.d'])
    assert.ok(!existsSync(join(root, folder)), `the package changes ${folder}`);
  const scripts = await run('dpkg-deb', ['--ctrl-tarfile', package_]);
  assert.doesNotMatch(
    scripts.stdout,
    /postinst|preinst/,
    'the package runs something when it is installed',
  );

  const unit = join(root, 'usr/lib/systemd/system/vantio-agent.service');
  if (has('systemd-analyze')) {
    const verified = await run('systemd-analyze', ['--man=no', 'verify', unit]);
    // Its program is not where the unit says on this machine; nothing else may be wrong with it.
    const said = `${verified.stdout}${verified.stderr}`.split('\n').filter((line) => line !== '');
    const own = said.filter((line) => line.includes('vantio-agent'));
    assert.deepEqual(
      own.filter((line) => !/Command \/usr\/bin\/vantio-agent is not executable/.test(line)),
      [],
    );
  } else context.diagnostic('no systemd-analyze here: the unit is not verified');

  const config = join(root, 'etc/vantio/agent.toml');
  appendFileSync(config, 'rate = 7\n');
  await dpkg('--remove', 'vantio-agent');
  assert.ok(!existsSync(unit) && !existsSync(join(root, 'usr/bin/vantio-agent')));
  assert.ok(existsSync(config), 'what a user wrote went with the package');
  await dpkg('--purge', 'vantio-agent');
  assert.ok(!existsSync(config));
});
