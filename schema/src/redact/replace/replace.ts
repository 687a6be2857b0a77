import { createHmac } from 'node:crypto';
import type { Match } from '../match.ts';
import type { Replacement } from '../settings.ts';
import { letters } from './letters.ts';

const HASH_LETTERS = 16;
const MIN_KEY_BYTES = 16;

/** What stands where a value was. No digit and no lower case word is in it: nothing that is looked for. */
export type Replace = (match: Pick<Match, 'entity'>, value: string) => string;

/** @throws RangeError when the key of a hash is too short to keep guesses away. */
export function createReplace(replacement: Replacement): Replace {
  switch (replacement.action) {
    case 'mask':
      return ({ entity }) => `[${entity.toUpperCase()}]`;
    case 'hash': {
      const { key } = replacement;
      if (key.length < MIN_KEY_BYTES)
        throw new RangeError(
          `the key of redaction's hash has ${key.length} bytes; give it ${MIN_KEY_BYTES} or more`,
        );
      return ({ entity }, value) => {
        const digest = createHmac('sha256', key).update(`${entity}\0${value}`).digest();
        return `[${entity.toUpperCase()}#${letters(digest, HASH_LETTERS)}]`;
      };
    }
    case 'token': {
      const { vault } = replacement;
      return ({ entity }, value) => {
        const label = entity.toUpperCase();
        return vault.tokenOf(label, value) ?? `[${label}]`;
      };
    }
  }
}
