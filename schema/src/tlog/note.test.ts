import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type NoteVerifier, parseNote, signNote, verifyNote } from './note.ts';
import { createNoteSigner, createNoteVerifier, parseVerifierKey } from './note-keys.ts';
import { madeUpLog, privateKeyOf } from './sample-keys.ts';

// The examples of Go's package golang.org/x/mod/sumdb/note.
const TEXT = `If you think cryptography is the answer to your problem,
then you don't know what your problem is.
`;
const PETER =
  '— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=';
const ENOCH =
  '— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=';
const PETER_KEY = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
const ENOCH_KEY = 'EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop';
const PETER_SEED = 'gQoUAtUUbI2E8kQzMPVAgOv5juF9nHT2JS/F1ccoMXM=';
const GOOD = `${TEXT}\n${PETER}\n`;
const BOTH = `${GOOD}${ENOCH}\n`;

const [peter, enoch] = [PETER_KEY, ENOCH_KEY].map((key) =>
  createNoteVerifier(parseVerifierKey(key)),
) as [NoteVerifier, NoteVerifier];
const signers = (note: string, verifiers: readonly NoteVerifier[]): readonly string[] =>
  verifyNote(parseNote(note), verifiers).map(({ name }) => name);
const refused = (note: string, what: string): void =>
  assert.throws(() => parseNote(note), { name: 'TlogError', code: 'bad_note' }, what);

test("the examples of Go's note package verify, and are what we sign", async () => {
  assert.deepEqual(signers(GOOD, [peter]), ['PeterNeumann']);
  assert.deepEqual(signers(BOTH, [enoch, peter]), ['EnochRoot', 'PeterNeumann']);
  assert.equal(parseNote(GOOD).text, TEXT);
  const signer = createNoteSigner('PeterNeumann', privateKeyOf(Buffer.from(PETER_SEED, 'base64')));
  const other = createNoteSigner('EnochRoot', privateKeyOf(Buffer.alloc(32)));
  assert.equal(await signNote(TEXT, [signer, other]), BOTH);
});

test('a signature holds for its text alone', () => {
  for (let at = 0; at < TEXT.length - 1; at++) {
    const other = `${GOOD.slice(0, at)}#${GOOD.slice(at + 1)}`;
    assert.throws(() => signers(other, [peter]), { code: 'bad_signature' });
  }
  assert.throws(() => signers(`\n${GOOD}`, [peter]), { code: 'bad_signature' });
  // The text ends before the last empty line: here it has one more line.
  assert.throws(() => signers(`${TEXT}\n\n${PETER}\n`, [peter]), { code: 'bad_signature' });
});

test('a signature of a known key that does not hold is refused, whatever stands beside it', () => {
  const wrong = GOOD.replace('x08go/ZJ', 'x08go/ZK');
  assert.throws(() => signers(wrong, [peter]), { name: 'TlogError', code: 'bad_signature' });
  assert.throws(() => signers(`${wrong}${PETER}\n`, [peter]), { code: 'bad_signature' });
  assert.throws(() => signers(`${wrong}${ENOCH}\n`, [enoch, peter]), { code: 'bad_signature' });
  for (const bytes of [1, 63, 65]) {
    const signature = Buffer.concat([Buffer.from('c74f20a3', 'hex'), Buffer.alloc(bytes)]);
    const note = `${TEXT}\n— PeterNeumann ${signature.toString('base64')}\n`;
    assert.throws(() => signers(note, [peter]), { code: 'bad_signature' }, `${bytes} bytes`);
  }
});

test('signatures of unknown keys are ignored, also under a name or key id that is known', () => {
  assert.deepEqual(signers(GOOD, [enoch]), []);
  assert.deepEqual(signers(`${BOTH.replace('rwz+eB', 'rwz+eC')}`, [peter]), ['PeterNeumann']);
  // The key id belongs to another key of the name; then the name to another key of the id.
  assert.deepEqual(signers(GOOD.replace('x08go', 'y08go'), [peter]), []);
  assert.deepEqual(signers(GOOD.replace('— PeterNeumann', '— PeterNeuman'), [peter]), []);
  assert.deepEqual(signers(GOOD, [madeUpLog('PeterNeumann').verifier]), []);
});

test('a line that is there twice counts as one', () => {
  assert.deepEqual(signers(`${BOTH}${PETER}\n${ENOCH}\n`, [peter]), ['PeterNeumann']);
});

test('a note that is not of the one form is refused', () => {
  for (const [what, note] of [
    ['nothing', ''],
    ['text alone', TEXT],
    ['no signature', `${TEXT}\n`],
    ['no empty line', `${TEXT}${PETER}\n`],
    ['no newline at the end', GOOD.slice(0, -1)],
    ['a letter for the newline at the end', `${GOOD.slice(0, -1)}x`],
    ['a line too much at the end', `${GOOD}\n`],
    ['a line of text under the signatures', `${GOOD}text\n`],
    ['CRLF', GOOD.replaceAll('\n', '\r\n')],
    ['a CR in the text', GOOD.replace(',\n', ',\r\n')],
    ['a NUL in the text', GOOD.replace('answer', 'ans\0wer')],
    ['a tab in the text', GOOD.replace('answer', 'ans\twer')],
    ['an escape in the text', GOOD.replace('answer', 'ans\x1bwer')],
    ['half a surrogate', GOOD.replace('answer', 'ans\ud800wer')],
    ['a hyphen for the dash', GOOD.replace('—', '-')],
    ['an en dash', GOOD.replace('—', '–')],
    ['no space after the dash', GOOD.replace('— ', '—')],
    ['a space before the dash', GOOD.replace('—', ' —')],
    ['two spaces after the dash', GOOD.replace('— ', '—  ')],
    ['two spaces after the name', GOOD.replace('Neumann ', 'Neumann  ')],
    ['a space at the end', GOOD.replace('nAM=\n', 'nAM= \n')],
    ['a no-break space', GOOD.replace('— ', '—\u00a0')],
    ['a space in the name', GOOD.replace('— Peter', '— Peter ')],
    ['a no-break space in the name', GOOD.replace('— Peter', '— Peter\u00a0')],
    ['a plus in the name', GOOD.replace('— Peter', '— Peter+')],
    ['no name', GOOD.replace('PeterNeumann ', '')],
    ['no base64', GOOD.replace(/ x08.*/, '')],
    ['an empty base64', GOOD.replace(/x08.*/, '')],
    ['no padding', GOOD.replace('nAM=', 'nAM')],
    ['too much padding', GOOD.replace('nAM=', 'nAM==')],
    ['bits in the padding', GOOD.replace('nAM=', 'nAN=')],
    ['base64url', GOOD.replace('x08go/', 'x08go_')],
    ['a key id and no signature', GOOD.replace(/x08.*/, 'x08gow==')],
    ['less than a key id', GOOD.replace(/x08.*/, 'x08g')],
  ] as const)
    refused(note, what);
});

test('a note has up to 100 signature lines, and is of a bounded length', () => {
  const of = (count: number): string => `${TEXT}\n${`${PETER}\n`.repeat(count)}`;
  assert.equal(parseNote(of(100)).signatures.length, 100);
  refused(of(101), '101 lines');
  refused(`${'x'.repeat(1_000_000)}\n\n${PETER}\n`, 'a million characters');
});
