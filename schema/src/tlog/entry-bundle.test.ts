import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatBundle, MAX_ENTRY_BYTES, parseBundle } from './entry-bundle.ts';

const hex = (entries: readonly Uint8Array[]): readonly string[] =>
  entries.map((entry) => Buffer.from(entry).toString('hex'));

test('a bundle reads back as its entries, from the empty one to the largest', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 256 }), (entries) =>
      assert.deepEqual(hex(parseBundle(formatBundle(entries), entries.length)), hex(entries)),
    ),
  );
  const extremes = [new Uint8Array(0), new Uint8Array(MAX_ENTRY_BYTES).fill(7), Buffer.of(1)];
  assert.deepEqual(hex(parseBundle(formatBundle(extremes), 3)), hex(extremes));
  assert.deepEqual(
    Buffer.from(formatBundle([Buffer.from('ab'), new Uint8Array(258)])).subarray(0, 6),
    Buffer.from('000261620102', 'hex'),
  );
});

test('a bundle is read where it lies in a larger buffer', () => {
  const bundle = formatBundle([Buffer.from('one'), Buffer.from('two')]);
  const padded = Buffer.concat([Buffer.alloc(3), bundle, Buffer.alloc(5)]);
  const read = parseBundle(padded.subarray(3, -5), 2);
  assert.deepEqual(hex(read), hex([Buffer.from('one'), Buffer.from('two')]));
});

test('an entry that its length cannot say is not written', () => {
  const large = new Uint8Array(MAX_ENTRY_BYTES + 1);
  assert.throws(() => formatBundle([Buffer.of(1), large]), { code: 'bad_bundle' });
});

test('a bundle that is cut anywhere, goes on, or holds another number of entries is refused', () => {
  const bundle = Buffer.from(formatBundle(['one', '', 'three'].map((text) => Buffer.from(text))));
  for (let length = 0; length < bundle.length; length++)
    assert.throws(() => parseBundle(bundle.subarray(0, length), 3), { code: 'bad_bundle' });
  for (const more of ['00', '0000', '000161'])
    assert.throws(() => parseBundle(Buffer.concat([bundle, Buffer.from(more, 'hex')]), 3), {
      code: 'bad_bundle',
    });
  for (const width of [0, 1, 2, 4, 256])
    assert.throws(() => parseBundle(bundle, width), { code: 'bad_bundle' });
});
