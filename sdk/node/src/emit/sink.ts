import type { Batch } from './sealing.ts';

/**
 * Where sealed batches go. Batches of a session reach it in the chain's order and leave it in that order. Once
 * `persist` returns, what it holds survives the process if the disk took it.
 */
export type Sink = {
  /** Whether another batch may be sealed; when not, entries wait in the bounded queue. */
  hasRoom(): boolean;
  put(batch: Batch): void;
  /**
   * Tries to hand on everything it holds; never rejects. Resolves when that is done or must wait.
   * @param lastChance the process ends: worth a try although it is not time yet.
   */
  deliver(lastChance?: boolean): Promise<void>;
  /** Synchronous, for the end of the process. */
  persist(): void;
  /** Milliseconds after which `deliver` should be called again, or undefined when it holds nothing. */
  retryIn(): number | undefined;
};
