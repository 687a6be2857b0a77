import assert from 'node:assert/strict';
import { formatBundle, parseBundle } from '@vantio/schema/tlog/entry-bundle';
import type { Target } from '../fuzz.ts';
import { isTlogError } from './refusals.ts';

const bytesOf = (text: string): Buffer => Buffer.from(text, 'latin1');

/** The number of entries, less one, in a byte, and the bundle behind it. */
const sample = (...entries: readonly string[]): string =>
  String.fromCharCode(entries.length - 1) +
  Buffer.from(formatBundle(entries.map(bytesOf))).toString('latin1');

export const bundle: Target = {
  name: 'bundle',
  samples: [
    sample(''),
    sample('one'),
    sample('one', '', 'three'),
    sample(...Array<string>(256).fill('x')),
    sample('y'.repeat(65_535)),
  ],
  isRefusal: isTlogError,
  judge: (text) => {
    const bytes = bytesOf(text);
    const width = (bytes[0] ?? 0) + 1;
    const entries = parseBundle(bytes.subarray(1), width);
    assert.equal(entries.length, width);
    assert.ok(bytes.subarray(1).equals(formatBundle(entries)));
  },
};
