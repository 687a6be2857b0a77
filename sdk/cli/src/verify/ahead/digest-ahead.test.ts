import assert from 'node:assert/strict';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { readRawLines } from '../../ledger/read-lines.ts';
import { longLedger } from '../../testing/long-ledger.ts';
import { API_KEY } from '../../testing/sample-ledger.ts';
import { sealLedger, WITNESS_VKEY } from '../../testing/seal-ledger.ts';
import { temporaryDirectory } from '../../testing/temporary-directory.ts';
import { vectorLedgers } from '../../testing/vector-ledgers.ts';
import { verify } from '../../testing/verify-in-process.ts';
import type { VerifyOptions } from '../run-verify.ts';
import { createDigestAhead } from './digest-ahead.ts';

const RECORDS = 5000;

async function ledger(t: TestContext) {
  const directory = temporaryDirectory(t);
  const file = longLedger(join(directory, 'ledger.ndjson'), RECORDS);
  const { vkey, put } = await sealLedger(file, { sizes: [1000, RECORDS - 10] });
  const keyFile = join(directory, 'agent.key');
  writeFileSync(keyFile, `${API_KEY}\n`);
  return { file, put, options: { vkey: [vkey], witness: [WITNESS_VKEY], keyFile: [keyFile] } };
}

const report = async (
  file: string,
  options: Partial<VerifyOptions>,
  threads: number,
): Promise<string> => JSON.stringify(await verify(file, { ...options, threads }));

async function holdSame(file: string, options: Partial<VerifyOptions>, name: string) {
  const one = await report(file, options, 1);
  assert.equal(await report(file, options, 2), one, name);
  return JSON.parse(one) as { readonly wrong: Readonly<Record<string, number>> };
}

test('two threads report what one does, byte for byte: of a sound ledger, and of one changed anywhere', async (t) => {
  const { file, put, options } = await ledger(t);
  const sound = readFileSync(file);
  assert.deepEqual((await holdSame(file, options, 'sound')).wrong, {});
  await holdSame(file, { ...options, keyFile: [] }, 'without its key');
  for (let at = 3; at < sound.length; at += Math.floor(sound.length / 23)) {
    const changed = Buffer.from(sound);
    changed[at] = (changed[at] ?? 0) ^ (at % 2 === 0 ? 0x80 : 0x01);
    writeFileSync(file, changed);
    const { wrong } = await holdSame(file, options, `changed at ${at}`);
    assert.notDeepEqual(wrong, {});
  }
  const lines = sound.toString('latin1').split('\n');
  const without = lines.filter((_, at) => at !== 1024 && at !== 3000);
  for (const [name, text] of [
    ['two lines fewer', without.join('\n')],
    ['torn', sound.toString('latin1').slice(0, -5)],
    ['a line of 20,000 characters', `${'x'.repeat(20_000)}\n${sound.toString('latin1')}`],
    ['two lines in each other’s place', lines.with(2047, lines[2048] ?? '').join('\n')],
    ['empty', ''],
  ] as const) {
    writeFileSync(file, text, 'latin1');
    await holdSame(file, options, name);
  }
  writeFileSync(file, sound);
  put('tile/entries/004', Buffer.alloc(5000));
  assert.ok((await holdSame(file, options, 'a bundle of zeros')).wrong.log_tile);
});

test('two threads report of every vector what one does', async (t) => {
  for (const { name, files, options } of vectorLedgers()) {
    const directory = temporaryDirectory(t);
    for (const [path, bytes] of Object.entries(files)) writeFileSync(join(directory, path), bytes);
    const keyFile = (options.keyFile ?? []).map((path) => join(directory, path));
    await holdSame(join(directory, 'ledger.ndjson'), { ...options, keyFile }, name);
  }
});

test('the second thread does its part: lines come with digests, and their leaves are known', async (t) => {
  const { file } = await ledger(t);
  appendFileSync(file, readFileSync(file));
  const ahead = createDigestAhead([API_KEY]);
  t.after(() => ahead.end());
  let [all, digested, leaves] = [0, 0, 0];
  // It takes a moment to begin, and longer where others want the cores.
  for (let round = 0; round < 100 && digested === 0; round++) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    all = 0;
    for (const line of ahead.lines(readRawLines(file, { maxBytes: 1 << 14 }))) {
      all++;
      if (line.kind === 'text' && line.digests?.macHolds) digested++;
      if (line.kind === 'text' && ahead.leafHashes(line.bytes, 0)) leaves++;
    }
  }
  assert.equal(all, 2 * RECORDS);
  assert.ok(digested > 0 && leaves === digested, `${digested} digested, ${leaves} leaves`);
});

test('a reader that stops leaves its blocks to the next', async (t) => {
  const { file } = await ledger(t);
  const ahead = createDigestAhead([API_KEY]);
  t.after(() => ahead.end());
  for (let round = 0; round < 5; round++)
    for (const line of ahead.lines(readRawLines(file, { maxBytes: 1 << 14 })))
      if (line.number === 100) break;
  let lines = 0;
  for (const _ of ahead.lines(readRawLines(file, { maxBytes: 1 << 14 }))) lines++;
  assert.equal(lines, RECORDS);
});
