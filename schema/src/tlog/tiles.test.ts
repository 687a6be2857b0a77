import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseTilePath, type Tile, tileAt, tilePath, tilesBetween } from './tiles.ts';
import { TlogError } from './tlog-error.ts';

const paths = (from: number, size: number): readonly string[] =>
  [...tilesBetween(from, size)].map(tilePath);

test('tiles have the paths that tlog-tiles gives them', () => {
  for (const [path, tile] of [
    ['tile/0/000', { level: 0, index: 0, width: 256 }],
    ['tile/0/000.p/1', { level: 0, index: 0, width: 1 }],
    ['tile/0/x001/x234/067', { level: 0, index: 1_234_067, width: 256 }],
    ['tile/3/x001/000.p/255', { level: 3, index: 1000, width: 255 }],
    ['tile/63/999', { level: 63, index: 999, width: 256 }],
    ['tile/entries/x123/456.p/112', { level: 'entries', index: 123_456, width: 112 }],
    ['tile/0/x009/x007/x199/x254/x740/991', { level: 0, index: 2 ** 53 - 1, width: 256 }],
  ] as const) {
    assert.equal(tilePath(tile), path);
    assert.deepEqual(parseTilePath(path), tile);
  }
});

test('a path reads back as its tile', () => {
  const level = fc.oneof(fc.nat(63), fc.constant('entries' as const));
  fc.assert(
    fc.property(level, fc.maxSafeNat(), fc.integer({ min: 1, max: 256 }), (level, index, width) => {
      const tile: Tile = { level, index, width };
      assert.deepEqual(parseTilePath(tilePath(tile)), tile);
    }),
  );
});

test('a path that is not that of a tile is refused', () => {
  for (const path of [
    '',
    'tile',
    'tile/0',
    'tile/0/0',
    'tile/0/00',
    'tile/0/0000',
    'tile/0/x000/000',
    'tile/0/x000/001',
    'tile/0/001/234',
    'tile/0/x001/x234',
    'tile/0/x001x234/067',
    'tile/0/X001/234',
    'tile/00/000',
    'tile/-1/000',
    'tile/64/000',
    'tile/100/000',
    'tile/Entries/000',
    'tile/data/000',
    'tile/0/000.p/0',
    'tile/0/000.p/01',
    'tile/0/000.p/256',
    'tile/0/000.p/300',
    'tile/0/000.p/999',
    'tile/0/000.p/1000',
    'tile/0/000.p/',
    'tile/0/000.p/-1',
    'tile/0/000.p/1/',
    'tile/0/000\n',
    '/tile/0/000',
    'tile/0/../000',
    'tile/0/%30%30%30',
    'tile/0/٠٠٠',
    'tile/0/x009/x007/x199/x254/x740/992',
    'tile/0/x999/x999/x999/x999/x999/999',
    'tile/0/x001/x000/x000/x000/x000/x000/000',
  ])
    assert.throws(
      () => parseTilePath(path),
      (error) => error instanceof TlogError && error.code === 'bad_path',
      JSON.stringify(path),
    );
});

test('the trees that tlog-tiles takes for examples have the tiles that it says', () => {
  const of70000 = paths(0, 70_000).filter((path) => !path.startsWith('tile/entries/'));
  assert.equal(of70000.filter((path) => /^tile\/0\/[0-9]{3}$/.test(path)).length, 273);
  assert.deepEqual(of70000.slice(273), [
    'tile/0/273.p/112',
    'tile/1/000',
    'tile/1/001.p/17',
    'tile/2/000.p/1',
  ]);
  assert.deepEqual(paths(0, 256), ['tile/entries/000', 'tile/0/000', 'tile/1/000.p/1']);
});

test('what is between two sizes is each tile of the later tree that the earlier one does not have', () => {
  const size = fc.oneof(fc.nat(600), fc.integer({ min: 65_000, max: 66_500 }));
  fc.assert(
    fc.property(size, size, (one, other) => {
      const [from, to] = [Math.min(one, other), Math.max(one, other)];
      const before = new Set(paths(0, from));
      assert.deepEqual(
        paths(from, to),
        paths(0, to).filter((path) => !before.has(path)),
      );
    }),
    { numRuns: 200 },
  );
});

test('a place has the width that its tree gives it, or no tile', () => {
  assert.equal(tileAt(0, 0, 0), undefined);
  assert.equal(tileAt(1, 0, 255), undefined);
  assert.equal(tileAt('entries', 1, 256), undefined);
  assert.deepEqual(tileAt('entries', 1, 257), { level: 'entries', index: 1, width: 1 });
  assert.deepEqual(tileAt(1, 0, 256), { level: 1, index: 0, width: 1 });
  assert.deepEqual(tileAt(6, 0, 2 ** 53 - 1), { level: 6, index: 0, width: 31 });
  assert.equal(tileAt(7, 0, 2 ** 53 - 1), undefined);
  for (const size of [-1, 0.5, Number.NaN, 2 ** 53])
    assert.throws(() => [...tilesBetween(0, size)], { code: 'bad_size' });
});
