import { JsonFormatError, walkJson } from '../json/json-walker.ts';
import { redactString, type Splice, spliced } from '../json/redact-string.ts';
import { isBinaryString } from '../paths/binary-string.ts';
import { contentVisitor } from '../paths/content-visitor.ts';
import { ROOT } from '../paths/place.ts';
import { Unscannable, type Work } from './part.ts';

const BOM = 0xfeff;

/** @throws Unscannable `format` when it is not JSON. */
export function redactJson(work: Work, text: string): string {
  // RFC 8259 lets a reader pass over the mark.
  if (text.charCodeAt(0) === BOM) return text.charAt(0) + redactJson(work, text.slice(1));
  const splices: Splice[] = [];
  const visitor = contentVisitor(work.facts.provider, (place, start, end, hasEscape) => {
    if (isBinaryString(text, start, end)) work.unscanned = 'binary';
    else if (place.kind !== 'address')
      for (const one of redactString(work.engine, text, start, end, hasEscape, place.hint, work))
        splices.push(one);
  });
  try {
    walkJson(text, ROOT, visitor);
  } catch (error) {
    throw error instanceof JsonFormatError ? new Unscannable('format') : error;
  }
  return splices.length === 0 ? text : spliced(text, splices);
}

/** One JSON text a line. */
export function redactLines(work: Work, text: string): string {
  return text.replace(/[^\r\n]*\S[^\r\n]*/g, (line) => redactJson(work, line));
}
