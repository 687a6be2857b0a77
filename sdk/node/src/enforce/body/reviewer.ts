import type { Detail } from '../../record/observation.ts';
import type { VantioBlockedError } from '../blocked-error.ts';
import type { Outgoing } from './body-guard.ts';
import type { Usage } from './usage.ts';

/** One call of a model, while it lasts. */
export type ModelCall = {
  readonly request: Outgoing;
  readonly provider: string;
  /** As the request names it. */
  readonly model: string | undefined;
  /** As JSON, when it is. */
  readonly body: unknown;
};

/**
 * Somebody else who has a say in calls of models, such as whoever counts what they cost. `before` may refuse, and says by
 * what it returns how the call's end is told: once, with what was used, whether it ended well, failed or was cut off.
 */
export type Reviewer = {
  before(call: ModelCall): { readonly error: VantioBlockedError } | { readonly after: After };
};
/** @returns fields for the record of the call. */
export type After = (usage: Usage, ended: { readonly ok: boolean }) => Detail;

export const reviewers = new Set<Reviewer>();
