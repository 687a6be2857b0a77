import { JsonFormatError, walkJson } from '../json/json-walker.ts';
import { TOKEN } from '../replace/vault.ts';
import type { LookUp } from './text-stream.ts';

function escaped(text: string, times: number): string {
  let result = text;
  for (let time = 0; time < times; time++) result = JSON.stringify(result).slice(1, -1);
  return result;
}

/** A value as it is written inside of a string of JSON, or of JSON in so many strings. */
export function escapedLookUp(lookUp: LookUp, times = 1): LookUp {
  return (token) => {
    const value = lookUp(token);
    return value === undefined ? undefined : escaped(value, times);
  };
}

/**
 * Puts values back into the strings of JSON, and of JSON in strings, each escaped as deep as it stands. Only tokens are
 * replaced: all other bytes and escapes stay as they are.
 */
export function restoreJson(json: string, lookUp: LookUp): string {
  if (!json.includes('[')) return json;
  const depths = depthsOf(json);
  let next = 0;
  return json.replace(TOKEN, (token) => {
    const depth = depths[next++] ?? 1;
    return escapedLookUp(lookUp, Math.max(1, depth))(token) ?? token;
  });
}

/** In how many strings of JSON each token of a text is, in their order. */
function depthsOf(text: string): number[] {
  const starts = Array.from(text.matchAll(TOKEN), ({ index }) => index);
  const depths = starts.map(() => 0);
  if (starts.length === 0 || !/^\s*[[{"]/.test(text)) return depths;
  let next = 0;
  try {
    walkJson<true>(text, true, {
      member: () => true,
      element: () => true,
      string: (_place, start, end, hasEscape) => {
        // What was passed over was in a key.
        while ((starts[next] ?? end) < start) depths[next++] = 1;
        if ((starts[next] ?? end) >= end) return;
        const raw = text.slice(start, end);
        const inner = depthsOf(hasEscape ? String(JSON.parse(`"${raw}"`)) : raw);
        for (const depth of inner) depths[next++] = 1 + depth;
      },
    });
  } catch (error) {
    if (!(error instanceof JsonFormatError)) throw error;
    return starts.map(() => 0);
  }
  return depths.map((depth) => Math.max(1, depth));
}
