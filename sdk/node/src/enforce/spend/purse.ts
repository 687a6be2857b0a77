import type { SpendCap } from '@vantio/schema/policy/spend-settings';

/** What one call counts against: one cap over one subject, and one trace where the window is a trace. */
export type Budget = {
  readonly cap: SpendCap;
  /** Name of the agent or the model; '' for a key, and for what has no name. */
  readonly subject: string;
  readonly traceId: string;
};

export type Taken = {
  readonly kind: 'taken';
  /** Spent in the window before, as far as is known here. */
  readonly used: number;
  /** It did not fit, and was taken all the same: the cap is soft, or policy is in dry run. */
  readonly isOver: boolean;
  /** Puts what it cost in the place of what was taken, once. @returns what is spent in the window now */
  settle(cost: number): number;
};

export type Taking =
  | Taken
  | { readonly kind: 'used_up'; readonly used: number }
  /** The control plane leases nothing at the moment. */
  | { readonly kind: 'unavailable' };

/** Where budgets are kept: in this process, or with the control plane. */
export type Purse = {
  /** @param forced it is taken though it does not fit. A promise is settled within two seconds, and never rejects. */
  take(budget: Budget, amount: number, forced: boolean): Taking | Promise<Taking>;
  /** Counts what could not be taken before. */
  charge(budget: Budget, cost: number): void;
  /** Gives back what is leased. */
  stop(): Promise<void>;
};

let current: Purse | undefined;

export const purse = (): Purse | undefined => current;

/** @returns when the one before has given back what it had. */
export function usePurse(next: Purse | undefined): Promise<void> {
  const before = current;
  current = next;
  return before?.stop() ?? Promise.resolve();
}
