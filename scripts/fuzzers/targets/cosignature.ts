import assert from 'node:assert/strict';
import { readCosignatures } from '@vantio/schema/tlog/cosignature';
import { parseNote } from '@vantio/schema/tlog/note';
import type { Target } from '../fuzz.ts';
import { isTlogError } from './refusals.ts';
import { signedNotes, signedTexts, TIMES, witness } from './signed-samples.ts';

export const cosignature: Target = {
  name: 'cosignature',
  samples: signedNotes.slice(1),
  isRefusal: isTlogError,
  judge: (text) => {
    const note = parseNote(text);
    for (const { time, line } of readCosignatures(note, [witness.key])) {
      assert.ok(signedTexts.includes(note.text));
      assert.ok((TIMES as readonly number[]).includes(time));
      assert.ok(text.includes(`${line}\n`));
    }
  },
};
