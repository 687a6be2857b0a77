import type { Entity } from '../entity.ts';
import { scan } from '../scan.ts';

export type LabelledText = {
  readonly text: string;
  readonly spans: readonly (readonly [start: number, end: number, entity: Entity])[];
};

export type Row = {
  readonly entity: Entity;
  found: number;
  missed: number;
  /** Found where there is none, or another. */
  wrong: number;
};

/** A value is found when something of its entity lies over it. */
export function confusion(texts: readonly LabelledText[]): readonly Row[] {
  const rows = new Map<Entity, Row>();
  const rowOf = (entity: Entity): Row => {
    const row = rows.get(entity) ?? { entity, found: 0, missed: 0, wrong: 0 };
    rows.set(entity, row);
    return row;
  };
  for (const { text, spans } of texts) {
    const matches = scan(text);
    for (const [start, end, entity] of spans) {
      const isFound = matches.some(
        (one) => one.entity === entity && one.start < end && one.end > start,
      );
      rowOf(entity)[isFound ? 'found' : 'missed']++;
    }
    for (const { start, end, entity } of matches)
      if (!spans.some(([from, to, name]) => name === entity && start < to && end > from))
        rowOf(entity).wrong++;
  }
  return [...rows.values()].sort((one, other) => (one.entity < other.entity ? -1 : 1));
}

export const recall = ({ found, missed }: Row): number => found / (found + missed);
export const precision = ({ found, wrong }: Row): number => found / (found + wrong);

export function parseLabelled(file: string): LabelledText[] {
  return file
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as LabelledText);
}
