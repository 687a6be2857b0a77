import assert from 'node:assert/strict';
import { parseTilePath, tilePath, tilesBetween } from '@vantio/schema/tlog/tiles';
import type { Target } from '../fuzz.ts';
import { isTlogError } from './refusals.ts';

export const tilePaths: Target = {
  name: 'tile-path',
  samples: [...[...tilesBetween(0, 70_000)].slice(-9).map(tilePath), 'tile/5/x001/x234/067'],
  isRefusal: isTlogError,
  judge: (text) => {
    const { level, index, width } = parseTilePath(text);
    assert.equal(tilePath({ level, index, width }), text);
    assert.ok(level === 'entries' || (Number.isInteger(level) && level >= 0 && level <= 63));
    assert.ok(Number.isSafeInteger(index) && index >= 0);
    assert.ok(Number.isInteger(width) && width >= 1 && width <= 256);
  },
};
