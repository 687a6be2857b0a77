import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { LONG_EPOCH, longLedger } from '../../testing/long-ledger.ts';
import { sealLedger, WITNESS_VKEY } from '../../testing/seal-ledger.ts';
import { temporaryDirectory } from '../../testing/temporary-directory.ts';
import { verify } from '../../testing/verify-in-process.ts';
import type { VerifyOutcome } from '../outcome.ts';

const AFTER = LONG_EPOCH + 10;
const CHANGES = [0x01, 0x20, 0x80];
/** Prime to the lengths of hashes and lines: each kind of byte is met, with each kind of change. */
const strideFor = (bytes: number): number => (bytes < 1000 ? 3 : bytes < 10_000 ? 127 : 3001);

const cosignaturesOf = ({ logs }: VerifyOutcome): number =>
  logs[0]?.witnesses[0]?.cosignatures ?? 0;

test('a log with any one byte changed is rejected, in whichever of its files it stands', async (t) => {
  const file = longLedger(join(temporaryDirectory(t), 'ledger.ndjson'), 258);
  const { directory, vkey, put } = await sealLedger(file, {
    sizes: [2, 257, 258],
    cosigned: { 2: AFTER, 258: AFTER },
  });
  const pins = { vkey: [vkey], witness: [WITNESS_VKEY] };
  const sound = await verify(file, pins);
  assert.deepEqual(sound.wrong, {});
  const files = readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter((path) =>
    statSync(join(directory, path)).isFile(),
  );
  const survivors: string[] = [];
  let flips = 0;
  for (const path of files) {
    const bytes = readFileSync(join(directory, path));
    for (let at = 0; at < bytes.length; at += strideFor(bytes.length)) {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ (CHANGES[at % CHANGES.length] ?? 1);
      put(path, changed);
      flips++;
      const outcome = await verify(file, pins);
      // A line under another name or key id is a stranger's, who may sign what he likes; the witness's word is gone then.
      const isGone =
        path.startsWith('cosignatures/') && cosignaturesOf(outcome) < cosignaturesOf(sound);
      if (outcome.verdict !== 'rejected' && !isGone) survivors.push(`${path} at ${at}`);
    }
    put(path, bytes);
  }
  assert.deepEqual(survivors, []);
  assert.ok(files.length >= 15 && flips > 400, `${flips} flips in ${files.length} files`);
  assert.deepEqual((await verify(file, pins)).wrong, {});
});
