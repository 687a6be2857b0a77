import { JsonFormatError, walkJson } from '../json/json-walker.ts';
import { type Splice, spliced } from '../json/redact-string.ts';
import { type LookUp, restoreText } from './text-stream.ts';

const escaped = (text: string): string => JSON.stringify(text).slice(1, -1);

/** A value as it is written inside of a string of JSON. */
export function escapedLookUp(lookUp: LookUp): LookUp {
  return (token) => {
    const value = lookUp(token);
    return value === undefined ? undefined : escaped(value);
  };
}

/** Puts values back into the strings of JSON, and of JSON in strings, each escaped as deep as it stands. */
export function restoreJson(json: string, lookUp: LookUp): string {
  if (!json.includes('[')) return json;
  const splices: Splice[] = [];
  try {
    walkJson<true>(json, true, {
      member: () => true,
      element: () => true,
      string: (_place, start, end, hasEscape) => {
        const raw = json.slice(start, end);
        if (!raw.includes('[')) return;
        const text = hasEscape ? String(JSON.parse(`"${raw}"`)) : raw;
        const restored = isJson(text) ? restoreJson(text, lookUp) : restoreText(text, lookUp);
        if (restored !== text) splices.push({ start, end, text: escaped(restored) });
      },
    });
  } catch (error) {
    if (!(error instanceof JsonFormatError)) throw error;
    return restoreText(json, escapedLookUp(lookUp));
  }
  return splices.length === 0 ? json : spliced(json, splices);
}

function isJson(text: string): boolean {
  if (!/^\s*[[{]/.test(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
