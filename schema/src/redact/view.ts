import { type Cues, createCues } from './cues.ts';
import type { Entity } from './entity.ts';

/** A found value before anyone asks which entities are wanted. */
export type Found = { start: number; end: number; entity: Entity };

/** One text as its detectors see it: they go over it once, from left to right. */
export type View = {
  readonly text: string;
  readonly found: Found[];
  readonly cues: Cues;
  /** End of the last value found: nothing before it is looked at again. */
  free: number;
  /** End of the last run that was judged as a key. */
  opaqueEnd: number;
  /** Where the next private key ends, once someone asked. */
  pemEnd: number;
  /** Behind the last `@`: no local part goes back beyond it. */
  atEnd: number;
};

export function createView(text: string, hint: number): View {
  return {
    text,
    found: [],
    cues: createCues(text, hint),
    free: 0,
    opaqueEnd: 0,
    pemEnd: -1,
    atEnd: 0,
  };
}

/** @returns the end, where the scan goes on. */
export function add(view: View, entity: Entity, start: number, end: number): number {
  // An address of mail is known at its `@`: what was taken of its local part before is given back.
  while (view.found.length > 0 && (view.found.at(-1)?.start ?? 0) >= start) view.found.pop();
  const from = Math.max(start, view.found.at(-1)?.end ?? 0);
  if (from < end) view.found.push({ start: from, end, entity });
  view.free = end;
  return end;
}
