import { type Letter, letterOf } from './letter.ts';
import type { Subscriber } from './open-subscriber.ts';

export type WalkOptions = {
  readonly subscriber: Subscriber;
  /** Letters that are looked at; no more are taken. */
  readonly limit: number;
  /** The walk ends when no further letter came for so long. */
  readonly quietMillis?: number;
  readonly signal?: AbortSignal;
};

/** @returns whether the letter is done with; if not, it stays where it is. */
export type Visit = (letter: Letter, data: Buffer) => Promise<boolean>;

/** A message has up to 10 MB, and all of one pull are in memory at once. */
const PULL = 10;
const QUIET_MILLIS = 5000;

/**
 * Shows each letter of a subscription once. Those that are not done with are held until the end, so that Pub/Sub does not
 * hand them out again and again, and then given back.
 * @returns whether the limit ended it, so that more may wait.
 */
export async function walkLetters(options: WalkOptions, visit: Visit): Promise<boolean> {
  const { subscriber, limit, quietMillis = QUIET_MILLIS, signal } = options;
  /** Ack ids by message id: a lease that ran out brings the same letter with another ack id. */
  const held = new Map<string, string>();
  const seen = new Set<string>();
  const look = async (): Promise<void> => {
    let until = performance.now() + quietMillis;
    while (seen.size < limit && !signal?.aborted) {
      const wait = until - performance.now();
      if (wait <= 0) return;
      const pulled = await subscriber.pull(Math.min(PULL, limit - seen.size), wait);
      for (const { ackId, messageId } of pulled) held.set(messageId, ackId);
      for (const message of pulled) {
        const { messageId, ackId, data } = message;
        if (seen.has(messageId)) continue;
        seen.add(messageId);
        until = performance.now() + quietMillis;
        if (signal?.aborted || !(await visit(letterOf(message), data))) continue;
        await subscriber.acknowledge([ackId]);
        held.delete(messageId);
      }
    }
  };
  try {
    await look();
  } finally {
    await subscriber.release([...held.values()]);
  }
  return seen.size >= limit;
}
