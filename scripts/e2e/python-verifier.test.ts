import assert from 'node:assert/strict';
import { copyFileSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { startControlPlane } from '../demo/control-plane.ts';
import { createProcesses } from '../demo/processes.ts';
import { run, vantio } from './run.ts';

const python = process.env.VANTIO_PYTHON ?? '';
const skip = python === '' && 'no Python with the locked packages on this machine';
const folder = mkdtempSync(join(tmpdir(), 'vantio-python-e2e-'));
const at = (name: string): string => join(folder, name);
const processes = createProcesses();
after(async () => {
  await processes.stopAll();
  rmSync(folder, { recursive: true, force: true });
});

const CHECK_PROOF = `
import sys
from pathlib import Path
from vantio_verify.note import parse_vkey
from vantio_verify.proof import check_proof, parse_proof
proof = parse_proof(sys.argv[1].encode())
log, *witnesses = [parse_vkey(line) for name in sys.argv[2:] for line in Path(name).read_text().split()]
assert proof.entry is not None
print(sorted(check_proof(proof, proof.entry, log, witnesses)))
`;

type Document = {
  readonly verdict: string;
  readonly wrong: Readonly<Record<string, number>>;
  readonly unmeasured: Readonly<Record<string, number>>;
};

async function verified(...more: readonly string[]): Promise<Document> {
  const args = ['--json', '--key-file', at('agent.key'), '--key-file', at('state/control.key')];
  const words = ['-m', 'vantio_verify', at('ledger.ndjson'), ...args, ...more];
  const { stdout, stderr } = await run(python, words, process.env, 'sdk/python');
  assert.equal(stderr, '');
  return JSON.parse(stdout) as Document;
}

/** Until a checkpoint covers every line: the sealer makes one a second. */
async function sealed(): Promise<void> {
  for (let turn = 0; turn < 100; turn += 1) {
    const lines = readFileSync(at('ledger.ndjson'), 'utf8').split('\n').length - 1;
    const size = readFileSync(at('ledger.log/checkpoint'), 'utf8').split('\n')[1];
    if (lines > 1 && Number(size) === lines) return;
    await wait(200);
  }
  assert.fail('no checkpoint covers the ledger');
}

test('the Python verifier agrees with a ledger, a log, witnesses and receipts made here', {
  skip,
}, async () => {
  await vantio(
    'keys',
    'create',
    '--tenant',
    'e2e',
    '--state-dir',
    at('state'),
    '--out',
    at('agent.key'),
  );
  const { url } = await startControlPlane(processes, at('state'), at('ledger.ndjson'));
  copyFileSync(at('ledger.vkey'), at('pinned.vkey'));
  const algorithms = ['ed25519', 'ml-dsa-44'];
  const vkeys: string[] = [];
  for (const algorithm of algorithms) {
    const name = `witness.example/${algorithm}`;
    const made = await vantio(
      'witness',
      'keygen',
      '--name',
      name,
      '--algorithm',
      algorithm,
      '--out',
      at(algorithm),
    );
    vkeys.push(made.stdout);
  }
  writeFileSync(at('witnesses'), vkeys.join(''));
  copyFileSync(at('witnesses'), at('ledger.log/witnesses'));

  const script = `fetch('${url}/healthz').then((answer) => answer.text())`;
  const env = { ...process.env, VANTIO_SPOOL_DIR: at('spool') };
  const words = [
    'run',
    '--key-file',
    at('agent.key'),
    '--ingest-url',
    url,
    '--',
    process.execPath,
    '-e',
    script,
  ];
  const ran = await run(process.execPath, ['sdk/cli/bin/vantio.js', ...words], env);
  assert.equal(ran.status, 0, ran.stderr);
  await sealed();
  for (const algorithm of algorithms) {
    const options = ['--url', url, '--key-file', at('agent.key'), '--vkey', at('pinned.vkey')];
    const own = ['--witness-key', at(algorithm), '--state', at(`${algorithm}.state`)];
    const looked = await vantio('witness', '--once', ...options, ...own);
    assert.equal(looked.status, 0, looked.stderr);
  }

  const receipts = globSync(at('spool/*/receipts.ndjson'));
  assert.equal(receipts.length, 1);
  const pins = ['--vkey', at('pinned.vkey'), '--witness', at('witnesses')];
  const kept = receipts.flatMap((file) => ['--receipts', file]);
  const found = await verified(...pins, ...kept);
  assert.equal(found.verdict, 'verified with notes');
  // The control plane's session goes on, and no session root was made here.
  assert.deepEqual(Object.keys(found.unmeasured).sort(), ['origin', 'tail']);
  const unpinned = await verified();
  assert.deepEqual(Object.keys(unpinned.unmeasured).sort(), [
    'log_checkpoint',
    'log_cosignature',
    'origin',
    'tail',
  ]);

  const first = readFileSync(receipts[0] ?? '', 'utf8').split('\n')[0] ?? '';
  const eventId = /"event_id":"([^"]+)"/.exec(first)?.[1];
  const authorization = `Bearer ${readFileSync(at('agent.key'), 'utf8').trim()}`;
  const answer = await fetch(`${url}/api/v1/proof/${eventId}`, { headers: { authorization } });
  const proof = await answer.text();
  const checked = await run(
    python,
    ['-c', CHECK_PROOF, proof, at('pinned.vkey'), at('witnesses')],
    process.env,
    'sdk/python',
  );
  assert.equal(
    checked.stdout,
    "['witness.example/ed25519', 'witness.example/ml-dsa-44']\n",
    checked.stderr,
  );

  const ledger = readFileSync(at('ledger.ndjson'), 'utf8');
  writeFileSync(at('ledger.ndjson'), ledger.replace('"seq":1', '"seq":2'));
  const { verdict, wrong } = await verified(...pins, ...kept);
  assert.equal(verdict, 'rejected');
  assert.deepEqual([wrong.mac, wrong.log_leaf], [1, 1]);
});
