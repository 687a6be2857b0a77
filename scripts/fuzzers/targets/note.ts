import assert from 'node:assert/strict';
import { parseNote, signatureLine, verifyNote } from '@vantio/schema/tlog/note';
import type { Target } from '../fuzz.ts';
import { isTlogError } from './refusals.ts';
import { log, signedNotes, signedTexts } from './signed-samples.ts';

export const note: Target = {
  name: 'note',
  samples: signedNotes,
  isRefusal: isTlogError,
  judge: (text) => {
    const read = parseNote(text);
    const lines = read.signatures.map((signature) => signatureLine(signature, signature.bytes));
    assert.equal(`${read.text}\n${lines.join('\n')}\n`, text);
    if (verifyNote(read, [log.verifier]).length > 0) assert.ok(signedTexts.includes(read.text));
  },
};
