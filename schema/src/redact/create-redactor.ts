import { redactBody } from './body/redact-body.ts';
import type { Counts, Entity } from './entity.ts';
import { findAll } from './find-all.ts';
import type { Match } from './match.ts';
import type { Redactor } from './redactor.ts';
import { createReplace } from './replace/replace.ts';
import type { RedactSettings } from './settings.ts';

/** What the parts of a body are redacted with. */
export type Engine = {
  /** @param hint what the place of the text says about it, from `hintOf`. */
  readonly find: (text: string, hint: number) => readonly Match[];
  readonly replace: (match: Match, value: string) => string;
};

/** @throws RangeError for a key of `hash` that is too short. */
export function createRedactor(settings: RedactSettings): Redactor {
  const find = findAll(new Set(settings.entities), settings.customPatterns ?? []);
  const replace = createReplace(settings.replacement);
  const engine: Engine = { find, replace };
  return {
    scan: (text) => find(text, 0),
    text: (text) => {
      const counts = new Map<Entity, number>();
      const redacted = replaceMatches(text, find(text, 0), replace, counts);
      return { text: redacted, counts: countsOf(counts) };
    },
    body: (bytes, facts) => redactBody(engine, bytes, facts),
  };
}

export function replaceMatches(
  text: string,
  matches: readonly Match[],
  replace: Engine['replace'],
  counts: Map<Entity, number>,
): string {
  let result = '';
  let done = 0;
  for (const match of matches) {
    result += text.slice(done, match.start) + replace(match, text.slice(match.start, match.end));
    counts.set(match.entity, (counts.get(match.entity) ?? 0) + 1);
    done = match.end;
  }
  return done === 0 ? text : result + text.slice(done);
}

/** In the order that records are written in. */
export function countsOf(counts: ReadonlyMap<Entity, number>): Counts {
  return Object.fromEntries([...counts].sort(([one], [other]) => (one < other ? -1 : 1)));
}
