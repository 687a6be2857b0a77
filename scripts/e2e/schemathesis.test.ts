import assert from 'node:assert/strict';
import { createPrivateKey } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { makeApiKey } from '@vantio/schema';
import { type ControlPlane, startControlPlane } from '../demo/control-plane.ts';
import { createProcesses } from '../demo/processes.ts';
import { installPythonTool } from '../setup/python-tool.ts';
import { run, vantio } from './run.ts';

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

/** Signed by the key-making key of this control plane, so that it lets them in. */
function makeKeys(count: number): string[] {
  const signer = createPrivateKey(readFileSync(join(state, 'keymaker.pem')));
  const claims = { tenantId: 'fuzz', plan: 'local' } as const;
  return Array.from({ length: count }, () => makeApiKey(claims, signer));
}

test('schemathesis finds no answer that the served OpenAPI document does not allow', async (t) => {
  const tool = await installPythonTool('schemathesis==4.32.5');
  if (tool.kind === 'missing') return t.skip(tool.why);
  const keys = makeKeys(200);
  const keyFile = join(scratch, 'keys');
  writeFileSync(keyFile, keys.join('\n'), { mode: 0o600 });
  const { status, stdout, stderr } = await run(
    tool.program,
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
