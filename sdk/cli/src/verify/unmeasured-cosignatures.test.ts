import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { NO_ML_DSA_44 } from '@vantio/schema/tlog/cosignature-ml-dsa';
import { signatureLine } from '@vantio/schema/tlog/note';
import { formatVerifierKey, keyIdOf } from '@vantio/schema/tlog/note-keys';
import { longLedger } from '../testing/long-ledger.ts';
import { NODE_VERSIONS } from '../testing/node-versions.ts';
import { runVantio } from '../testing/run-vantio.ts';
import { sealLedger } from '../testing/seal-ledger.ts';
import { temporaryDirectory } from '../testing/temporary-directory.ts';
import type { VerifyOutcome } from './outcome.ts';

const node = NODE_VERSIONS.find(({ major }) => major === 20)?.path;

test('text, page and JSON name the witness whose cosignatures this runtime cannot check, and how many', {
  skip: node === undefined && 'no Node 20 here, which has no ML-DSA-44: VANTIO_NODE20 names none',
}, async (t) => {
  const directory = temporaryDirectory(t);
  const file = longLedger(join(directory, 'ledger.ndjson'), 20);
  const { vkey, put } = await sealLedger(file, { sizes: [5, 20] });
  const name = 'witness.example/ml-dsa';
  const key = { name, type: 'cosignatureMlDsa44', publicKey: Buffer.alloc(1312, 1) } as const;
  const cosignature = Buffer.alloc(8 + 2420);
  cosignature.writeBigUInt64BE(1_767_323_045n);
  const line = signatureLine({ name, keyId: keyIdOf(key) }, cosignature);
  for (const size of [5, 20]) put(`cosignatures/${size}`, `${line}\n`);
  const witness = join(directory, 'witness.vkey');
  writeFileSync(witness, `${formatVerifierKey(key)}\n`);
  const args = ['verify', file, '--vkey', vkey, '--witness', witness];
  const page = join(directory, 'report.html');
  const { stdout, status } = await runVantio([...args, '--html', page], { node: node ?? '' });
  assert.equal(status, 0, stdout);
  assert.match(stdout, /^witness witness\.example\/ml-dsa {2}2 cosignatures unmeasured$/m);
  assert.ok(stdout.includes(NO_ML_DSA_44), stdout);
  const html = readFileSync(page, 'utf8');
  assert.match(html, /<th class="number">Unmeasured<\/th>/);
  assert.match(html, /<td class="number">0<\/td><td class="number">2<\/td>/);
  const json = await runVantio([...args, '--json'], { node: node ?? '' });
  const [log] = (JSON.parse(json.stdout) as VerifyOutcome).logs;
  assert.equal(log?.witnesses[0]?.unmeasuredCosignatures, 2);
  assert.deepEqual(log?.words, ['unwitnessed']);
});
