import type { Entity } from './entity.ts';

/** A found value: UTF-16 offsets, the end exclusive. Matches of one scan are in order and do not overlap. */
export type Match = { readonly start: number; readonly end: number; readonly entity: Entity };
