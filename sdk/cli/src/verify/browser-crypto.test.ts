import assert from 'node:assert/strict';
import * as crypto from 'node:crypto';
import { test } from 'node:test';

// The stand-in for node:crypto, from its source: it is compiled into bundles alone.
const standIn = (await import(
  new URL('../../browser/node/crypto.ts', import.meta.url).href
)) as typeof crypto;

test('SHA-256 in the browser is that of FIPS 180-4, by its examples', () => {
  for (const [message, digest] of [
    ['', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    ['abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
    [
      'abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq',
      '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1',
    ],
    ['a'.repeat(1_000_000), 'cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0'],
  ] as const)
    assert.equal(standIn.createHash('sha256').update(message).digest('hex'), digest);
});

test('HMAC and HKDF in the browser are those of RFC 4231 and RFC 5869, by their examples', () => {
  const mac = (key: Buffer, data: string): string =>
    standIn.createHmac('sha256', standIn.createSecretKey(key)).update(data).digest('hex');
  assert.equal(
    mac(Buffer.alloc(20, 0x0b), 'Hi There'),
    'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7',
  );
  assert.equal(
    mac(Buffer.alloc(131, 0xaa), 'Test Using Larger Than Block-Size Key - Hash Key First'),
    '60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54',
  );
  // Test case 3: neither salt nor info.
  assert.equal(
    Buffer.from(standIn.hkdfSync('sha256', Buffer.alloc(22, 0x0b), '', '', 42)).toString('hex'),
    '8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8',
  );
});

test('hashes and MACs in the browser are those of Node at every length around a block', () => {
  const key = crypto.randomBytes(32);
  for (let length = 0; length < 300; length++) {
    const bytes = crypto.randomBytes(length);
    assert.deepEqual(
      Buffer.from(standIn.createHash('sha256').update(bytes).digest()),
      crypto.createHash('sha256').update(bytes).digest(),
    );
    assert.equal(
      standIn.createHmac('sha256', standIn.createSecretKey(key)).update(bytes).digest('hex'),
      crypto.createHmac('sha256', key).update(bytes).digest('hex'),
    );
  }
});

test('a public key in the browser is one of Ed25519 or refused', () => {
  const { publicKey } = crypto.generateKeyPairSync('ed25519');
  const raw = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32);
  const pem = publicKey.export({ format: 'pem', type: 'spki' }) as string;
  const taken = standIn.createPublicKey(Buffer.from(pem)) as unknown as { readonly raw: Buffer };
  assert.deepEqual(Buffer.from(taken.raw), raw);
  const rsa = crypto.generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey;
  for (const key of [rsa.export({ format: 'pem', type: 'spki' }) as string, '', 'x'])
    assert.throws(() => standIn.createPublicKey(Buffer.from(key)), TypeError);
  assert.throws(() => standIn.createHash('sha1'), TypeError);
});
