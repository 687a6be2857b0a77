import assert from 'node:assert/strict';
import { type CanonicalValue, canonicalize } from '@vantio/schema/canonical';
import { parseJson } from '@vantio/schema/read-json';
import { readCanonicalRecord, readRecord } from '@vantio/schema/read-record';
import { oneOfEachType } from '@vantio/schema/vectors/one-of-each-type';
import type { Target } from '../fuzz.ts';
import { isEnvelopeError } from './refusals.ts';

/** There are two ways to read a record, a quick and a telling one. They must say the same of every text. */
export const record: Target = {
  name: 'record',
  samples: oneOfEachType().map(({ canonical }) => canonical),
  isRefusal: isEnvelopeError,
  judge: (text) => {
    const quick = readCanonicalRecord(text);
    const value = parseJson(text);
    if (quick === undefined) {
      assert.notEqual(readRecord(value).canonical, text);
      return;
    }
    assert.equal(readRecord(value).canonical, text);
    assert.deepEqual(quick.record, value);
    assert.equal(canonicalize(value as CanonicalValue), text);
  },
};
