import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cosign, readCosignature, readCosignatures } from './cosignature.ts';
import { type Note, parseNote, parseSignatureLine, signatureLine, signNote } from './note.ts';
import { keyIdOf } from './note-keys.ts';
import { madeUpLog, madeUpWitness } from './sample-keys.ts';

// The example of C2SP tlog-cosignature. It names no keys, so only its form can be held to it.
const TEXT =
  'example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n';
const LINE =
  '— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==';
const TIME = 1_679_315_147;

const log = madeUpLog('example.com/behind-the-sofa');
const [one, two] = [madeUpWitness('witness.example.com/w1'), madeUpWitness('w2')];
const checkpoint = await signNote(TEXT, [log.signer]);

const cosigned = (...lines: readonly string[]): Note =>
  parseNote(`${checkpoint}${lines.map((line) => `${line}\n`).join('')}`);
const by = ({ key, privateKey }: typeof one, time: number, text = TEXT): string =>
  cosign(text, time, key.name, privateKey);
const seen = (note: Note) =>
  readCosignatures(note, [one.key, two.key]).map(({ witness, time }) => [witness, time]);

test('a cosignature has the form of the one in the specification', () => {
  const [theirs, ours] = [LINE, by(one, TIME)].map(parseSignatureLine);
  assert.equal(ours?.name, theirs?.name);
  assert.equal(ours?.bytes.length, theirs?.bytes.length);
  assert.deepEqual(ours?.bytes.subarray(0, 8), theirs?.bytes.subarray(0, 8));
});

test('cosignatures of known witnesses are read, with their times', () => {
  const note = cosigned(by(two, TIME + 1), LINE, by(one, TIME));
  assert.deepEqual(seen(note), [
    ['witness.example.com/w1', TIME],
    ['w2', TIME + 1],
  ]);
  assert.deepEqual(readCosignatures(note, []), []);
  const renamed = by(one, TIME).replace(one.key.name, 'another.example');
  assert.deepEqual(seen(cosigned(renamed)), []);
  assert.deepEqual(seen(cosigned()), []);
  assert.deepEqual(seen(cosigned(by(one, 0))), []);
});

test('of two of one witness the earlier counts', () => {
  assert.deepEqual(seen(cosigned(by(one, TIME + 5), by(one, TIME), by(one, TIME + 9))), [
    ['witness.example.com/w1', TIME],
  ]);
});

const remade = (line: string, change: (bytes: Buffer) => Buffer): string => {
  const { name, keyId, bytes } = parseSignatureLine(line);
  return signatureLine({ name, keyId }, change(Buffer.from(bytes)));
};

test("a witness's line that does not hold is refused: of another text, time, key or length", () => {
  const line = by(one, TIME);
  const set = (at: number, value: number) => (bytes: Buffer) => {
    bytes[at] = value;
    return bytes;
  };
  for (const [what, bad] of [
    ['another text', by(one, TIME, TEXT.replace('63', '64'))],
    ['another time', remade(line, set(7, 0))],
    ['a time that a number does not count', by(one, 2 ** 60)],
    ['another signature', remade(line, set(40, 0))],
    ['short', remade(line, (bytes) => bytes.subarray(0, -1))],
    ['long', remade(line, (bytes) => Buffer.concat([bytes, Buffer.of(0)]))],
    ['empty but for a byte', remade(line, (bytes) => bytes.subarray(0, 1))],
    [
      'another key',
      signatureLine(
        { name: one.key.name, keyId: keyIdOf(one.key) },
        parseSignatureLine(by(two, TIME)).bytes,
      ),
    ],
  ] as const) {
    assert.throws(() => seen(cosigned(bad)), { name: 'TlogError', code: 'bad_signature' }, what);
    assert.throws(() => seen(cosigned(line, bad)), { code: 'bad_signature' }, what);
  }
});

test("a signature of the log's own kind is not taken for a cosignature, nor the other way round", () => {
  const { key, signer } = madeUpLog(one.key.name);
  const ids = [keyIdOf(key), keyIdOf(one.key)];
  assert.notEqual(ids[0], ids[1]);
  assert.equal(signer.keyId, ids[0]);
  assert.throws(() => readCosignature(TEXT, parseSignatureLine(by(one, TIME)), key), {
    code: 'bad_key',
  });
});
