import { byteLength } from '../body/part.ts';
import type { Engine } from '../create-redactor.ts';
import { hintOf } from '../cues.ts';
import type { Entity } from '../entity.ts';
import { JsonFormatError, walkJson } from './json-walker.ts';

/** A piece of the text and what comes in its place. */
export type Splice = { readonly start: number; readonly end: number; readonly text: string };

export type Tally = {
  readonly counts: Map<Entity, number>;
  bytesScanned: number;
  /** The JSON has no other character: each is one byte. */
  readonly isAscii: boolean;
};

/** What to put for the string whose raw text is from `start` to `end` of JSON. Raw characters outside of values stay as they are. */
export function redactString(
  engine: Engine,
  json: string,
  start: number,
  end: number,
  hasEscape: boolean,
  hint: number,
  tally: Tally,
): readonly Splice[] {
  const raw = json.slice(start, end);
  tally.bytesScanned += tally.isAscii ? raw.length : byteLength(raw);
  const text = hasEscape ? String(JSON.parse(json.slice(start - 1, end + 1))) : raw;
  const inner = innerJson(engine, text, tally);
  const splices = inner ?? splicesOf(engine, text, hint, tally);
  if (splices.length === 0) return [];
  const rawAt = hasEscape ? rawOffsets(json, start, splices) : undefined;
  return splices.map((splice, index) => ({
    start: rawAt?.[2 * index] ?? start + splice.start,
    end: rawAt?.[2 * index + 1] ?? start + splice.end,
    text: JSON.stringify(splice.text).slice(1, -1),
  }));
}

function splicesOf(engine: Engine, text: string, hint: number, { counts }: Tally): Splice[] {
  return engine.find(text, hint).map((match) => {
    counts.set(match.entity, (counts.get(match.entity) ?? 0) + 1);
    return {
      start: match.start,
      end: match.end,
      text: engine.replace(match, text.slice(match.start, match.end)),
    };
  });
}

/** Arguments and results of tools are JSON in a string: it must stay JSON, so only its strings are looked at. */
function innerJson(engine: Engine, text: string, tally: Tally): Splice[] | undefined {
  if (!BEGINS_JSON.test(text)) return undefined;
  const counts = new Map(tally.counts);
  // They were counted with the string that they are in.
  const own: Tally = { counts, bytesScanned: 0, isAscii: true };
  const splices: Splice[] = [];
  try {
    walkJson<number>(text, 0, {
      member: (_hint, key) => hintOf(key),
      element: (hint) => hint,
      string: (hint, start, end, hasEscape) => {
        splices.push(...redactString(engine, text, start, end, hasEscape, hint, own));
      },
    });
  } catch (error) {
    if (error instanceof JsonFormatError) return undefined;
    throw error;
  }
  for (const [entity, count] of counts) tally.counts.set(entity, count);
  return splices;
}

const BEGINS_JSON = /^\s{0,16}[[{]/;

/** Where the starts and ends of the pieces are in the raw text that starts at `start`. */
function rawOffsets(json: string, start: number, splices: readonly Splice[]): number[] {
  const found: number[] = [];
  let at = start;
  let decoded = 0;
  let escaped = -1;
  const goTo = (offset: number): void => {
    while (decoded < offset) {
      if (escaped < at) escaped = json.indexOf('\\', at);
      if (escaped < 0) escaped = json.length;
      const plain = Math.min(escaped - at, offset - decoded);
      at += plain;
      decoded += plain;
      if (decoded === offset) break;
      at += json.charCodeAt(at + 1) === 117 ? 6 : 2;
      decoded++;
    }
    found.push(at);
  };
  for (const splice of splices) {
    goTo(splice.start);
    goTo(splice.end);
  }
  return found;
}

export function spliced(text: string, splices: readonly Splice[]): string {
  const parts: string[] = [];
  let done = 0;
  for (const splice of splices) {
    parts.push(text.slice(done, splice.start), splice.text);
    done = splice.end;
  }
  parts.push(text.slice(done));
  return parts.join('');
}
