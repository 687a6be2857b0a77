import { replaceMatches } from '../create-redactor.ts';
import { byteLength, Unscannable, type Work } from './part.ts';
import { redactJson } from './redact-json.ts';

export function redactPlain(work: Work, text: string, hint = 0): string {
  work.bytesScanned += byteLength(text);
  return replaceMatches(text, work.engine.find(text, hint), work.engine.replace, work.counts);
}

/** Text that may be JSON, as most of what is called text is. */
export function redactText(work: Work, text: string): string {
  if (!/^\ufeff?\s{0,64}[[{]/.test(text)) return redactPlain(work, text);
  const counts = new Map(work.counts);
  const { bytesScanned } = work;
  try {
    return redactJson(work, text);
  } catch (error) {
    if (!(error instanceof Unscannable)) throw error;
    work.counts.clear();
    for (const [entity, count] of counts) work.counts.set(entity, count);
    work.bytesScanned = bytesScanned;
    return redactPlain(work, text);
  }
}
