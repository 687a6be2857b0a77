import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { checkpointText } from './checkpoint.ts';
import {
  cosign,
  readCosignature,
  readCosignatures,
  unmeasuredCosignatures,
  witnessKeyOf,
} from './cosignature.ts';
import { HAS_ML_DSA_44, mlDsaMessage, NO_ML_DSA_44 } from './cosignature-ml-dsa.ts';
import { TORCHWOOD_CHECKPOINT, TORCHWOOD_VERIFIER_KEY } from './cosignature-ml-dsa.vector.ts';
import { parseNote } from './note.ts';
import { formatVerifierKey, parseVerifierKey } from './note-keys.ts';

const skip = HAS_ML_DSA_44 ? false : NO_ML_DSA_44;
const TREE = { origin: 'vantio.test/log', size: 0x1_0000_0003, root: new Uint8Array(32).fill(7) };
const TEXT = checkpointText(TREE);
const TIME = 1_700_000_000;

const under = (...lines: readonly string[]) => parseNote(`${TEXT}\n${lines.join('\n')}\n`);

test('the message is the struct of the specification, byte for byte', () => {
  const expected = [
    '737562747265652f76310a00', // subtree/v1\n\0
    '0377' + '2f31', // w/1
    '000000006553f100', // time
    '0f76616e74696f2e746573742f6c6f67', // vantio.test/log
    '0000000000000000', // start
    '0000000100000003', // end
    '07'.repeat(32),
  ].join('');
  assert.equal(Buffer.from(mlDsaMessage('w/1', TIME, TREE)).toString('hex'), expected);
});

test('a name that one byte cannot count is refused', () => {
  const name = 'é'.repeat(127);
  assert.equal(mlDsaMessage(name, TIME, TREE)[12], 254);
  assert.throws(() => mlDsaMessage(`${name}ab`, TIME, TREE), { code: 'bad_key' });
  const tree = { ...TREE, origin: 'x'.repeat(256) };
  assert.throws(() => mlDsaMessage('w', TIME, tree), { code: 'bad_key' });
});

test('a cosignature that torchwood made holds, and counts for no time', { skip }, () => {
  const note = parseNote(TORCHWOOD_CHECKPOINT);
  const key = parseVerifierKey(TORCHWOOD_VERIFIER_KEY);
  const [line] = note.signatures;
  assert.ok(line);
  assert.equal(readCosignature(note.text, line, key).time, 0);
  assert.deepEqual(readCosignatures(note, [key]), []);
  const other = note.text.replace('\n1\n', '\n2\n');
  assert.throws(() => readCosignature(other, line, key), { code: 'bad_signature' });
});

test('cosignatures of both kinds are read from one note', { skip }, () => {
  const pair = generateKeyPairSync('ml-dsa-44').privateKey;
  const old = generateKeyPairSync('ed25519').privateKey;
  const keys = [witnessKeyOf('w/pq', pair), witnessKeyOf('w/old', old)];
  assert.deepEqual(
    keys.map(formatVerifierKey).map(parseVerifierKey).map(formatVerifierKey),
    keys.map(formatVerifierKey),
  );
  const later = cosign(TEXT, TIME + 9, 'w/pq', pair);
  const timeless = cosign(TEXT, 0, 'w/pq', pair);
  const note = under(
    later,
    timeless,
    cosign(TEXT, TIME, 'w/pq', pair),
    cosign(TEXT, TIME + 1, 'w/old', old),
  );
  assert.deepEqual(
    readCosignatures(note, keys).map(({ witness, time }) => [witness, time]),
    [
      ['w/pq', TIME],
      ['w/old', TIME + 1],
    ],
  );
  assert.deepEqual(unmeasuredCosignatures(note, keys), []);
});

test('one that was bent in any part does not hold', { skip }, () => {
  const pair = generateKeyPairSync('ml-dsa-44').privateKey;
  const key = witnessKeyOf('w/pq', pair);
  const [good] = under(cosign(TEXT, TIME, 'w/pq', pair)).signatures;
  assert.ok(good);
  for (const at of [0, 7, 8, good.bytes.length - 1]) {
    const bytes = Uint8Array.from(good.bytes);
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    assert.throws(() => readCosignature(TEXT, { ...good, bytes }, key), { code: 'bad_signature' });
  }
  const short = { ...good, bytes: good.bytes.subarray(0, -1) };
  assert.throws(() => readCosignature(TEXT, short, key), { code: 'bad_signature' });
  // The message names the witness: the same key under another name says nothing.
  const renamed = { ...key, name: 'w/other' };
  assert.throws(() => readCosignature(TEXT, good, renamed), { code: 'bad_signature' });
  // What it leaves out are extension lines.
  assert.equal(readCosignature(`${TEXT}extension\n`, good, key).time, TIME);
});

const OLD_NODE = process.env.VANTIO_NODE20;
const ON_OLD_NODE = `
  const [read, notes, keys, { TORCHWOOD_CHECKPOINT, TORCHWOOD_VERIFIER_KEY }] = await Promise.all(
    ['cosignature', 'note', 'note-keys', 'cosignature-ml-dsa.vector'].map(
      (name) => import(process.argv[1].replace('NAME', name)),
    ),
  );
  const note = notes.parseNote(TORCHWOOD_CHECKPOINT);
  const witnesses = [keys.parseVerifierKey(TORCHWOOD_VERIFIER_KEY)];
  let code;
  try {
    read.readCosignature(note.text, note.signatures[0], witnesses[0]);
  } catch (error) {
    code = error.code;
  }
  const held = read.readCosignatures(note, witnesses);
  console.log(JSON.stringify([code, held, read.unmeasuredCosignatures(note, witnesses)]));`;

test('a runtime without ML-DSA-44 calls its lines unmeasured, neither good nor bad', {
  skip: OLD_NODE === undefined ? 'no Node 20 here: VANTIO_NODE20 names none' : false,
}, () => {
  const pattern = new URL('NAME.js', import.meta.url).href;
  const args = ['--input-type=module', '-e', ON_OLD_NODE, pattern];
  const [code, read, unmeasured] = JSON.parse(
    execFileSync(OLD_NODE ?? '', args, { encoding: 'utf8' }),
  );
  assert.deepEqual([code, read], ['unmeasured', []]);
  assert.deepEqual(unmeasured, [{ witness: 'example.com/mldsa-log', reason: NO_ML_DSA_44 }]);
});
