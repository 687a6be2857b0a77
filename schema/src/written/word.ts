import { WORD_FORMS, type WordField, type WordForm } from '../generated/word-forms.ts';
import { lowerAscii, type Written } from './fit.ts';

/** What a program calls something, in the alphabet of the field; undefined when it is empty, and so left out. */
export const writtenWord = (field: WordField, value: string): Written | undefined =>
  value === '' ? undefined : requiredWord(field, value);

/** The same of a field that its type requires: there is always something to write. */
export function requiredWord(field: WordField, value: string): Written {
  const { alphabet, first = alphabet, max }: WordForm = WORD_FORMS[field];
  // Longer than anything that counts, and not longer: the program may hand over a whole text.
  const begin = value.slice(0, max + 1);
  const lowered = alphabet.includes('A-Z') ? begin : lowerAscii(begin);
  const plain = (lowered || '_').replace(new RegExp(`[^${alphabet}]+`, 'g'), (run) =>
    '_'.repeat(Buffer.byteLength(run)),
  );
  const word = new RegExp(`^[${first}]`).test(plain) ? plain : `x${plain}`;
  return word.length > max ? { text: word.slice(0, max), truncated: true } : { text: word };
}
