import type { ContentType } from './content-type.ts';
import { Unscannable, type Work } from './part.ts';
import { redactForm } from './redact-form.ts';
import { redactJson, redactLines } from './redact-json.ts';
import { redactText } from './redact-text.ts';

export function redactTyped(work: Work, text: string, kind: ContentType['kind']): string {
  switch (kind) {
    case 'json':
      return redactJson(work, text);
    case 'lines':
      return redactLines(work, text);
    case 'text':
      return redactText(work, text);
    case 'form':
      return redactForm(work, text);
    default:
      throw new Unscannable('binary');
  }
}
