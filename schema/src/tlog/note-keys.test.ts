import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createNoteVerifier, formatVerifierKey, keyIdOf, parseVerifierKey } from './note-keys.ts';
import { madeUpLog, madeUpWitness } from './sample-keys.ts';

// Of Go's package golang.org/x/mod/sumdb/note, and of its checksum database.
const PETER = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
const SUMDB = 'sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8';

test('verifier keys that others made read as what they are, and are written so', () => {
  for (const [text, name, keyId] of [
    [PETER, 'PeterNeumann', 'c74f20a3'],
    [SUMDB, 'sum.golang.org', '033de0ae'],
  ] as const) {
    const key = parseVerifierKey(text);
    assert.deepEqual(
      { name: key.name, type: key.type, keyId: keyIdOf(key), bytes: key.publicKey.length },
      { name, type: 'ed25519', keyId, bytes: 32 },
    );
    assert.equal(formatVerifierKey(key), text);
  }
});

test('a key of each type reads back as itself', () => {
  const { key: log } = madeUpLog('vantio.local/0123');
  const { key: witness } = madeUpWitness('witness.example/w1');
  const mlDsa = {
    name: 'w',
    type: 'cosignatureMlDsa44',
    publicKey: Buffer.alloc(1312, 3),
  } as const;
  for (const key of [log, witness, mlDsa]) {
    const read = parseVerifierKey(formatVerifierKey(key));
    assert.deepEqual(
      { ...read, publicKey: Buffer.from(read.publicKey) },
      { ...key, publicKey: Buffer.from(key.publicKey) },
    );
  }
});

test('one public key has another key id under another name or type', () => {
  const { key } = madeUpLog('a');
  const ids = [key, { ...key, name: 'b' }, { ...key, type: 'cosignatureEd25519' as const }];
  assert.equal(new Set(ids.map(keyIdOf)).size, 3);
});

test('what is no verifier key is refused', () => {
  const { publicKey } = parseVerifierKey(PETER);
  for (const [what, text] of [
    ['nothing', ''],
    ['a name', 'PeterNeumann'],
    ['no key', 'PeterNeumann+c74f20a3'],
    ['an empty key', 'PeterNeumann+c74f20a3+'],
    ['no name', PETER.replace('PeterNeumann', '')],
    ['a space in the name', PETER.replace('rN', 'r N')],
    [
      'half a surrogate in the name',
      formatVerifierKey({ name: 'a\ud800', type: 'ed25519', publicKey }),
    ],
    ['another name', PETER.replace('Peter', 'Petra')],
    ['another key id', PETER.replace('c74f20a3', 'c74f20a4')],
    ['a key id in capitals', PETER.replace('c74f20a3', 'C74F20A3')],
    ['a short key id', PETER.replace('c74f20a3', 'c74f20a')],
    ['another key', PETER.replace('ARpc', 'ARpd')],
    ['no such type', PETER.replace('ARpc', 'AhpC')],
    [
      'a short key',
      formatVerifierKey({ name: 'a', type: 'ed25519', publicKey: publicKey.subarray(1) }),
    ],
    [
      'a long key',
      formatVerifierKey({
        name: 'a',
        type: 'ed25519',
        publicKey: Buffer.concat([publicKey, Buffer.of(0)]),
      }),
    ],
    ['a short ML-DSA key', formatVerifierKey({ name: 'a', type: 'cosignatureMlDsa44', publicKey })],
    ['a newline at the end', `${PETER}\n`],
    [
      'a private key',
      'PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz',
    ],
  ] as const)
    assert.throws(() => parseVerifierKey(text), { name: 'TlogError', code: 'bad_key' }, what);
});

test("a witness's key is not taken for a log's", () => {
  assert.throws(() => createNoteVerifier(madeUpWitness('w').key), { code: 'bad_key' });
});
