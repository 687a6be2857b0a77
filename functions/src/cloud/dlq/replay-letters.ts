import { codeOf, GRPC } from '../spanner/grpc-status.ts';
import { type Letter, type LetterFilter, matches } from './letter.ts';
import { type WalkOptions, walkLetters } from './walk-letters.ts';

export type ReplayOptions = WalkOptions & {
  readonly filter: LetterFilter;
  /** Publishes bytes to the ledger's topic. @returns the message's id, once Pub/Sub has taken it. */
  readonly publish: (data: Buffer) => Promise<string>;
  readonly onOutcome: (outcome: ReplayOutcome) => void;
};

/**
 * - `replayed`: published again, and then acknowledged here;
 * - `refused`: the topic's schema does not take it, so it stays;
 * - `returned`: came back from the writer while this went on, and stays.
 */
export type ReplayOutcome = {
  readonly kind: 'replayed' | 'refused' | 'returned';
  readonly letter: Letter;
};

/**
 * Sends letters to the writer again, the very bytes. A letter goes from here only when the ledger's topic has it: whatever
 * breaks off, none is lost, and one that is sent twice changes nothing, for what is in the ledger is a duplicate.
 * @returns whether more letters may wait.
 * @throws what Pub/Sub said; the outcomes until then have been told.
 */
export function replayLetters({
  filter,
  publish,
  onOutcome,
  ...walk
}: ReplayOptions): Promise<boolean> {
  const sent = new Set<string>();
  return walkLetters(walk, async (letter, data) => {
    // The writer answers at once: what it buried again must not go round and round.
    if (letter.sourceMessageId !== undefined && sent.has(letter.sourceMessageId)) {
      onOutcome({ kind: 'returned', letter });
      return false;
    }
    if (!matches(letter, filter)) return false;
    try {
      sent.add(await publish(data));
    } catch (error) {
      if (codeOf(error) !== GRPC.invalidArgument) throw error;
      onOutcome({ kind: 'refused', letter });
      return false;
    }
    onOutcome({ kind: 'replayed', letter });
    return true;
  });
}
