import assert from 'node:assert/strict';
import { formatVerifierKey, parseVerifierKey } from '@vantio/schema/tlog/note-keys';
import type { Target } from '../fuzz.ts';
import { isTlogError } from './refusals.ts';
import { log, witness } from './signed-samples.ts';

export const verifierKey: Target = {
  name: 'verifier-key',
  samples: [
    formatVerifierKey(log.key),
    formatVerifierKey(witness.key),
    formatVerifierKey({ name: 'w', type: 'cosignatureMlDsa44', publicKey: Buffer.alloc(1312, 7) }),
  ],
  isRefusal: isTlogError,
  judge: (text) => assert.equal(formatVerifierKey(parseVerifierKey(text)), text),
};
