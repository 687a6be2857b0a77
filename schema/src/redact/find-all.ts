import type { Entity } from './entity.ts';
import type { Match } from './match.ts';
import { scanSettled } from './scan-settled.ts';
import type { CustomPattern } from './settings.ts';

/**
 * All are looked for, whichever are wanted: a card's number is no phone's because nobody asked for cards.
 * Where a policy's own pattern meets a built-in one, the policy's wins.
 */
export function findAll(
  wanted: ReadonlySet<Entity>,
  customPatterns: readonly CustomPattern[],
): (text: string, hint: number) => readonly Match[] {
  const patterns = wanted.has('custom') ? customPatterns : [];
  return (text, hint) => {
    const all = scanSettled(text, hint);
    const built = all.length === 0 ? all : all.filter(({ entity }) => wanted.has(entity));
    if (patterns.length === 0) return built;
    const own = patterns.flatMap((pattern) =>
      pattern.find(text).map(({ start, end }): Match => ({ start, end, entity: 'custom' })),
    );
    return own.length === 0 ? built : apart([...own, ...built]);
  };
}

/** @param matches those that win before those that give way to them. */
function apart(matches: readonly Match[]): Match[] {
  const ordered = matches
    .map((match, rank) => ({ match, rank: match.entity === 'custom' ? 0 : 1, order: rank }))
    .sort(
      (one, other) =>
        one.match.start - other.match.start || one.rank - other.rank || one.order - other.order,
    );
  const kept: Match[] = [];
  for (const { match } of ordered) {
    const last = kept.at(-1);
    if (last === undefined || last.end <= match.start) kept.push(match);
    else if (match.entity === 'custom' && last.entity !== 'custom')
      kept[kept.length - 1] = joined(last, match);
    else if (match.end > last.end) kept[kept.length - 1] = joined(last, match);
  }
  return kept;
}

/** Nothing of either may be left. */
function joined(one: Match, other: Match): Match {
  const entity = one.entity === 'custom' || other.entity === 'custom' ? 'custom' : one.entity;
  return { start: one.start, end: Math.max(one.end, other.end), entity };
}
