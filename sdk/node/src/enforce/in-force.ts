import type { CompiledPolicy } from '@vantio/schema/policy/compile-policy';

/** What choke points want to know of a policy beyond its decisions. */
export type PolicyFacts = {
  /** Whether what cannot be judged is refused. */
  readonly isClosed: boolean;
  readonly judgesModels: boolean;
};

const NOTHING: PolicyFacts = { isClosed: false, judgesModels: false };

let policy: CompiledPolicy | undefined;
let facts = NOTHING;
let awaited: Promise<void> | undefined;
let whenWaited: (() => void) | undefined;

/** The policy that every choke point asks. Without one, because none could be had, calls are only observed. */
export const inForce = {
  policy: (): CompiledPolicy | undefined => policy,
  /** Of the record of what it decided. */
  version: (): { readonly policy_version?: number } =>
    policy === undefined ? {} : { policy_version: policy.version },
  isClosed: (): boolean => facts.isClosed,
  judgesModels: (): boolean => facts.judgesModels,
  /** While the first policy is on its way: resolves when it is there, or is waited for no longer. */
  awaited(): Promise<void> | undefined {
    if (awaited !== undefined) whenWaited?.();
    return awaited;
  },
  apply(next: CompiledPolicy | undefined, of: PolicyFacts = NOTHING): void {
    policy = next;
    facts = of;
  },
  /**
   * @param onWaited a call waits: until then nothing may keep the process running
   */
  await(first: Promise<void>, onWaited: () => void): void {
    whenWaited = onWaited;
    const over = (): void => {
      awaited = undefined;
    };
    awaited = first.then(over, over);
  },
  reset(): void {
    policy = undefined;
    facts = NOTHING;
    awaited = undefined;
  },
};
