import { hintOf } from '../cues.ts';
import { Unscannable, type Work } from './part.ts';
import { redactPlain } from './redact-text.ts';

/** Fields of a form; those without a value found in them keep their own escapes. */
export function redactForm(work: Work, text: string): string {
  return text
    .split('&')
    .map((field) => {
      const at = field.indexOf('=') + 1;
      const value = decoded(field.slice(at));
      const redacted = redactPlain(
        work,
        value,
        at === 0 ? 0 : hintOf(decoded(field.slice(0, at - 1))),
      );
      return redacted === value ? field : field.slice(0, at) + encodeURIComponent(redacted);
    })
    .join('&');
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    throw new Unscannable('format');
  }
}
