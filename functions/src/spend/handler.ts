import type { HttpFunction, Request } from '@google-cloud/functions-framework';
import type { LeaseOutcome } from '@vantio/schema/spend/bucket';
import {
  type SpendAnswer,
  type SpendOutcome,
  type SpendRequest,
  spendRequestSchema,
} from '@vantio/schema/wire/spend-leases';
import type { PolicyOf } from '../config/policy-of.ts';
import { type Caller, type Doorkeeper, isRefusal } from '../door/doorkeeper.ts';
import { type Refusal, refuse, sendJson, sendRefusal } from '../door/problem-response.ts';
import type { RateLimiter } from '../door/rate-limit.ts';
import { leaseNote } from './lease-note.ts';
import { type PlacedAsk, placeAsk } from './place-ask.ts';
import type { NotesOf, SpendStore } from './spend-store.ts';

export type SpendOptions = {
  readonly doorkeeper: Doorkeeper;
  readonly rateLimiter: RateLimiter;
  readonly policyOf: PolicyOf;
  readonly store: SpendStore;
  readonly onFault: (message: string, error: unknown) => void;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
};

const MAX_BYTES = 128 * 1024;
const RETRY_SECONDS = 5;

/** `POST /api/v1/spend/leases`: slices of the caps that the served policy has, so that all processes together stay within them. */
export function createSpend(options: SpendOptions): HttpFunction {
  const { doorkeeper, rateLimiter, store, policyOf, onFault } = options;

  const lease = async (caller: Caller, wanted: SpendRequest): Promise<SpendAnswer> => {
    const { now = Date.now } = options;
    const policy = await policyOf(caller.claims.tenantId);
    const placed = wanted.asks.map((ask) => placeAsk(ask, policy, caller.claims, now()));
    const asks = placed.filter((one) => one !== undefined);
    const reports = wanted.reports.map((told) => ({
      bucket: told.bucket,
      leaseId: told.lease_id,
      spent: told.spent_microusd,
      held: told.held_microusd,
    }));
    const notesOf: NotesOf = (outcomes) =>
      outcomes.flatMap((outcome, at) => {
        const one = asks[at];
        return one && policy && outcome.status === 'granted' && outcome.isNew
          ? [leaseNote(one, outcome, caller, policy, wanted.session_id)]
          : [];
      });
    const outcomes = [
      ...(await store.exchange(
        caller.claims.tenantId,
        reports,
        asks.map(({ ask }) => ask),
        notesOf,
      )),
    ];
    return {
      v: 1,
      leases: placed.map((one): SpendOutcome => {
        const outcome = one && outcomes.shift();
        if (!one || !outcome) return { status: 'unknown_rule' };
        return answerTo(one, outcome, now());
      }),
    };
  };

  return async (request, response) => {
    const caller = doorkeeper(request.headers.authorization);
    if (isRefusal(caller)) return sendRefusal(response, caller);
    if (!(await rateLimiter(request, response, caller))) return;
    const wanted = readRequest(request);
    if ('problem' in wanted) return sendRefusal(response, wanted);
    try {
      sendJson(response, 200, JSON.stringify(await lease(caller, wanted)));
    } catch (error) {
      onFault('spend cannot be leased', error);
      sendRefusal(
        response,
        refuse(
          'store_unavailable',
          'nothing is known to be leased; send the same request again',
          {},
          { 'retry-after': String(RETRY_SECONDS) },
        ),
      );
    }
  };
}

function answerTo({ ask, window }: PlacedAsk, outcome: LeaseOutcome, now: number): SpendOutcome {
  const figures = { window, used_microusd: outcome.used, limit_microusd: ask.limit };
  return outcome.status === 'granted'
    ? {
        status: 'granted',
        bucket: ask.bucket,
        lease_id: ask.leaseId,
        amount_microusd: outcome.amount,
        expires_in_ms: Math.max(0, outcome.expiresAt - now),
        ...figures,
      }
    : {
        status: 'used_up',
        outstanding_microusd: outcome.outstanding,
        retry_in_ms: Math.max(0, outcome.retryAt - now),
        ...figures,
      };
}

/** Attacker-controlled. */
function readRequest(request: Request): SpendRequest | Refusal {
  const body = request.rawBody ?? Buffer.alloc(0);
  if (body.length > MAX_BYTES)
    return refuse('body_too_large', `the body is over ${MAX_BYTES} bytes`);
  if (!request.is('application/json'))
    return refuse('unsupported_media_type', 'send application/json');
  let value: unknown;
  try {
    value = JSON.parse(body.toString('utf8'));
  } catch {
    return refuse('malformed_json', 'the body is not JSON');
  }
  const { success, data, error } = spendRequestSchema.safeParse(value);
  if (success) return data;
  const [issue] = error.issues;
  const field = issue?.path.map(String).join('.');
  return refuse(
    'invalid_request',
    'the request is not of the form that /api/v1/openapi.json has for SpendRequest',
    field ? { field } : {},
  );
}
