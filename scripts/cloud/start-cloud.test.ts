import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { missingStorageServer } from '@vantio/functions/cloud/mirror';

/** The suite sets it when this machine has the emulators; `scripts/start --cloud` starts its own. */
const skip =
  process.env.SPANNER_EMULATOR_HOST === undefined &&
  'no emulators on this machine; see the line above';

test('scripts/start --once --cloud goes through the functions, Pub/Sub and Spanner, and verifies what comes out', {
  skip,
}, () => {
  const dir = mkdtempSync(join(tmpdir(), 'vantio-start-cloud-'));
  try {
    const { status, stdout, stderr } = spawnSync(
      'scripts/start',
      ['--once', '--cloud', '--dir', dir],
      { encoding: 'utf8', timeout: 180_000, killSignal: 'SIGKILL' },
    );
    assert.equal(status, 0, `${stdout}\n${stderr}`);
    assert.match(stdout, /\$ npx vantio export --database projects\//);
    const noLog = missingStorageServer();
    if (noLog) assert.ok(stdout.includes(`without the log: ${noLog}`), stdout);
    else {
      assert.match(stdout, /leaf \d+ of a signed tree of \d+, by \d+ hashes/);
      assert.match(
        stdout,
        /\nlog log\.local\/demo {2}\d+ leaves {2}log key not pinned, unwitnessed\n/,
      );
      assert.match(stdout, /\ncheckpoint \S+, vkey \S+\n/);
      const vkey = readFileSync(join(dir, 'ledger.vkey'), 'utf8');
      assert.match(vkey, /^log\.local\/demo\+/);
    }
    const [, records, verified] =
      /\nrecords (\d+), verified (\d+), ledger \S+, key \S+\n$/.exec(stdout) ?? [];
    assert.ok(Number(records) >= 12, stdout);
    assert.equal(verified, records);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});
