import type { Action } from '@vantio/schema/actions';
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
  /** Of the body. */
  readonly bytes: number;
};

/**
 * Somebody else who has a say in calls of models, such as whoever counts what they cost. `before` may refuse, and says by
 * what it returns how the call's end is told: once, with what was used, whether it ended well, failed or was cut off.
 */
export type Reviewer = {
  /** It may have to wait, for a bounded time; never for a call of which neither model nor body is known. */
  before(call: ModelCall): Reviewed | Promise<Reviewed>;
};
export type Reviewed =
  | { readonly error: VantioBlockedError; readonly fields?: Detail }
  | { readonly after: After };

export type Ended = {
  readonly ok: boolean;
  /** Of the answer, if one began. */
  readonly status?: number | undefined;
  /** Whether the provider may have got the call. */
  readonly sent: boolean;
};
/** What the record of a call is to say: of verdicts the gravest stands, and its rule. */
export type Remark = {
  readonly fields: Detail;
  readonly verdict?: { readonly action: Action; readonly ruleId: string };
};
export type After = (usage: Usage, ended: Ended) => Remark;
export const NOT_SENT: Ended = { ok: false, sent: false };

export const reviewers = new Set<Reviewer>();
