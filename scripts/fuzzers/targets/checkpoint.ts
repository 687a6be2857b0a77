import assert from 'node:assert/strict';
import {
  checkpointText,
  openCheckpoint,
  parseCheckpointText,
} from '@vantio/schema/tlog/checkpoint';
import type { Target } from '../fuzz.ts';
import { isTlogError } from './refusals.ts';
import { log, signedNotes, signedTexts } from './signed-samples.ts';

/** Judges a text both as the text of a checkpoint and as a signed one: whatever it is, it is at most one of them. */
export const checkpoint: Target = {
  name: 'checkpoint',
  samples: [...signedTexts, ...signedNotes],
  isRefusal: isTlogError,
  judge: (text) => {
    if (text.includes('\n\n')) {
      const head = openCheckpoint(text, log.verifier);
      assert.ok(signedTexts.includes(head.note.text));
      assert.equal(checkpointText(head), head.note.text);
    } else {
      const head = parseCheckpointText(text);
      const own = `${text.split('\n').slice(0, 3).join('\n')}\n`;
      assert.equal(checkpointText(head), own);
    }
  },
};
