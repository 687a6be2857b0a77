import assert from 'node:assert/strict';
import { createPrivateKey } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { makeApiKey } from '@vantio/schema';
import { type ControlPlane, startControlPlane } from '../demo/control-plane.ts';
import { createProcesses } from '../demo/processes.ts';
import { run, vantio } from './run.ts';

const PACKAGE = 'schemathesis==4.32.5';
const VENV = `.vantio/cache/${PACKAGE.replace('==', '-')}`;
const PROGRAM = resolve(VENV, 'bin/schemathesis');

const scratch = mkdtempSync(join(tmpdir(), 'vantio-fuzz-'));
const processes = createProcesses();
const ledger = join(scratch, 'ledger.ndjson');
const state = join(scratch, 'state');
let plane: ControlPlane;

before(async () => {
  mkdirSync(state, { mode: 0o700 });
  plane = await startControlPlane(processes, state, ledger);
});
after(async () => {
  await processes.stopAll();
  rmSync(scratch, { recursive: true, force: true });
});

/** Installs schemathesis once for this checkout; says why where it cannot. */
async function missingTool(): Promise<string | undefined> {
  if (existsSync(PROGRAM)) return undefined;
  rmSync(VENV, { recursive: true, force: true });
  try {
    const made = await run('python3', ['-m', 'venv', VENV]);
    if (made.status !== 0) return 'python3 has no venv module here';
  } catch {
    return 'no python3 on this machine';
  }
  const args = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', PACKAGE];
  const { status, stderr } = await run(`${VENV}/bin/python`, args);
  if (status === 0) return undefined;
  rmSync(VENV, { recursive: true, force: true });
  return `pip could not install ${PACKAGE}: ${stderr.trim().split('\n').at(-1)}`;
}

/** Signed by the key-making key of this control plane, so that it lets them in. */
function makeKeys(count: number): string[] {
  const signer = createPrivateKey(readFileSync(join(state, 'keymaker.pem')));
  const claims = { tenantId: 'fuzz', plan: 'local' } as const;
  return Array.from({ length: count }, () => makeApiKey(claims, signer));
}

test('schemathesis finds no answer that the served OpenAPI document does not allow', async (t) => {
  const lacking = await missingTool();
  if (lacking !== undefined) return t.skip(lacking);
  const keys = makeKeys(200);
  const keyFile = join(scratch, 'keys');
  writeFileSync(keyFile, keys.join('\n'), { mode: 0o600 });
  const { status, stdout, stderr } = await run(
    PROGRAM,
    [
      'run',
      `${plane.url}/api/v1/openapi.json`,
      ...['--header', `Authorization: Bearer ${keys[0]}`],
      ...['--max-examples', '40', '--seed', '3', '--no-color', '--generation-database', 'none'],
      // A record that has the form of the schema lacks a MAC that holds: 422 is right.
      ...['--checks', 'all', '--exclude-checks', 'positive_data_acceptance'],
    ],
    {
      ...process.env,
      SCHEMATHESIS_HOOKS: resolve('scripts/e2e/schemathesis-keys.py'),
      VANTIO_FUZZ_KEYS: keyFile,
    },
    // It leaves notes of its own where it runs.
    scratch,
  );
  assert.equal(status, 0, `${stdout}${stderr}`);
});

test('what schemathesis sent left nothing half-written behind', async () => {
  await processes.stopAll();
  const { status, stdout } = await vantio(
    ...['verify', ledger, '--key-file', join(state, 'control.key')],
  );
  assert.equal(status, 0, stdout);
});
