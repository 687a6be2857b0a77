import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ENTITIES } from '../fields/verdict.ts';
import { BUILT_IN_ENTITIES } from './entity.ts';

test('redaction knows the entities that records count', () => {
  assert.deepEqual([...BUILT_IN_ENTITIES, 'custom'].sort(), [...ENTITIES]);
});
