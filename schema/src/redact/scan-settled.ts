import type { Match } from './match.ts';
import { scan } from './scan.ts';

/** Each pass but the last finds what only the values before it, once gone, let come near a word: more than two are rare. */
const MAX_PASSES = 5;

/**
 * What a scan finds, and what it would find in the text that is left: so a masked text is not masked again.
 * @returns matches in order and apart, with offsets of the text as it was given.
 */
export function scanSettled(text: string, hint: number): readonly Match[] {
  let matches: readonly Match[] = scan(text, hint);
  for (let pass = 1; pass < MAX_PASSES && matches.length > 0; pass++) {
    const more = scan(masked(text, matches), hint);
    if (more.length === 0) break;
    matches = [...matches, ...inOriginal(more, matches)].sort(
      (one, other) => one.start - other.start,
    );
  }
  return matches;
}

const labels = new Map<string, string>();

function labelOf({ entity }: Match): string {
  let label = labels.get(entity);
  if (label === undefined) {
    label = `[${entity.toUpperCase()}]`;
    labels.set(entity, label);
  }
  return label;
}

function masked(text: string, matches: readonly Match[]): string {
  const parts: string[] = [];
  let done = 0;
  for (const match of matches) {
    parts.push(text.slice(done, match.start), labelOf(match));
    done = match.end;
  }
  parts.push(text.slice(done));
  // In one piece: what is added up bit by bit is slower to read than to join.
  return parts.join('');
}

/** No value has a label in it: each lies between two, where all offsets are moved alike. */
function inOriginal(more: readonly Match[], matches: readonly Match[]): Match[] {
  let next = 0;
  let moved = 0;
  return more.map(({ start, end, entity }) => {
    for (
      let match = matches[next];
      match !== undefined && match.start - moved < start;
      match = matches[++next]
    )
      moved += match.end - match.start - labelOf(match).length;
    return { start: start + moved, end: end + moved, entity };
  });
}
