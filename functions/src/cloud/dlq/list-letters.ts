import { type Letter, type LetterFilter, matches } from './letter.ts';
import { type WalkOptions, walkLetters } from './walk-letters.ts';

export type ListedLetters = {
  /** Oldest first. */
  readonly letters: readonly Letter[];
  /** The limit was reached: more may wait. */
  readonly more: boolean;
};

/** Dead letters as they lie there; all are there afterwards, too. */
export async function listLetters(
  options: WalkOptions & { readonly filter: LetterFilter },
): Promise<ListedLetters> {
  const letters: Letter[] = [];
  const more = await walkLetters(options, async (letter) => {
    if (matches(letter, options.filter)) letters.push(letter);
    return false;
  });
  return { letters: letters.sort((a, b) => a.deadSince - b.deadSince), more };
}
