import { debug } from '../context/debug.ts';
import type { Entry } from './observation.ts';

export const MAX_QUEUED = 10_000;
export const FLUSH_AT = 500;

type LossReason = 'queue_full' | 'refused' | 'spool_full' | 'spool_unwritable' | 'decode_error';

export type Losses = readonly (readonly [LossReason, number])[];

let entries: Entry[] = [];
const losses = new Map<LossReason, number>();
let wake: ((full: boolean) => void) | undefined;
let capacity = MAX_QUEUED;
let listener: ((entry: Entry) => void) | undefined;

/**
 * Takes an entry in; the only thing that happens on the host's path. Past the bound the newest is dropped and counted.
 * @returns whether it was taken.
 */
export function record(entry: Entry): boolean {
  if (listener !== undefined) tell(entry, listener);
  if (wake === undefined) return false;
  if (entries.length >= capacity) {
    lose('queue_full', 1);
    return false;
  }
  const size = entries.push(entry);
  if (size === 1 || size === FLUSH_AT) wake(size === FLUSH_AT);
  return true;
}

function tell(entry: Entry, heard: (entry: Entry) => void): void {
  try {
    heard(entry);
  } catch (error) {
    debug('an entry could not be exported', error);
  }
}

/** @param to hears of each entry, whether there is a key to record it with or not */
export function onRecord(to: typeof listener): void {
  listener = to;
}

export function lose(reason: LossReason, count: number): void {
  if (count > 0) losses.set(reason, (losses.get(reason) ?? 0) + count);
}

/** @returns at most `limit` of the oldest entries. */
export function takeEntries(limit: number): readonly Entry[] {
  if (entries.length <= limit) {
    const all = entries;
    entries = [];
    return all;
  }
  return entries.splice(0, limit);
}

export function takeLosses(): Losses {
  if (losses.size === 0) return [];
  const taken = [...losses];
  losses.clear();
  return taken;
}

export const queued = (): number => entries.length;
export const hasLosses = (): boolean => losses.size > 0;

/** Until this is called nothing is kept: without a key there is nobody to send it to. */
export function openQueue(onWake: (full: boolean) => void, max: number = MAX_QUEUED): void {
  wake = onWake;
  capacity = max;
}

export function closeQueue(): void {
  wake = undefined;
}
