import type { Match } from './match.ts';
import { partsAround } from './parts-around.ts';
import { type Part, scan, scanParts } from './scan.ts';

/** Each pass but the last finds what only the values before it, once gone, let come near a word: more than two are rare. */
const MAX_PASSES = 5;

/**
 * What a scan finds, and what it would find in the text that is left: so a masked text is not masked again.
 * @returns matches in order and apart, with offsets of the text as it was given.
 */
export function scanSettled(text: string, hint: number): readonly Match[] {
  let matches: readonly Match[] = scan(text, hint);
  let latest = matches;
  for (let pass = 1; pass < MAX_PASSES && latest.length > 0; pass++) {
    const { text: rest, labels } = masked(text, matches, latest);
    const more = scanParts(rest, hint, partsAround(rest, labels));
    latest = more.length === 0 ? more : inOriginal(more, matches);
    if (latest.length > 0)
      matches = [...matches, ...latest].sort((one, other) => one.start - other.start);
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

/** @returns the text with labels in place of the matches, and where those of the latest of them are. */
function masked(text: string, matches: readonly Match[], latest: readonly Match[]) {
  const parts: string[] = [];
  const places: Part[] = [];
  let done = 0;
  let length = 0;
  let next = 0;
  for (const match of matches) {
    const label = labelOf(match);
    parts.push(text.slice(done, match.start), label);
    length += match.start - done + label.length;
    if (match === latest[next]) {
      places.push({ from: length - label.length, to: length });
      next++;
    }
    done = match.end;
  }
  parts.push(text.slice(done));
  // In one piece: what is added up bit by bit is slower to read than to join.
  return { text: parts.join(''), labels: places };
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
