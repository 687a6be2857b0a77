import type { Redaction } from '@vantio/schema/policy/compile-policy';
import type { BodyResult, UnscannedReason } from '@vantio/schema/redact/body/body-result';
import { debug } from '../../context/debug.ts';
import { currentAgents } from '../agents.ts';
import type { BlockedCode, VantioBlockedError } from '../blocked-error.ts';
import { guardedOr } from '../guarded.ts';
import { inForce } from '../in-force.ts';
import { refusal } from '../judge.ts';
import { watchEarly } from '../spend/early-calls.ts';
import type {
  BodyGuard,
  BodyRuling,
  Inspection,
  Outgoing,
  ResponseWatch,
  Ruled,
} from './body-guard.ts';
import { type CallRecord, createCallRecord } from './call-record.ts';
import { MAX_BODY } from './max-body.ts';
import { isModelPath, type Known, modelInPath, providerOf } from './provider.ts';
import { type Redacting, redactingFor } from './redaction.ts';
import { modelIn, requestJson } from './request-json.ts';
import { type After, type ModelCall, NOT_SENT, type Reviewed, reviewers } from './reviewer.ts';
import { isSigned } from './signed.ts';
import { vouched } from './vouched.ts';
import { watchCall } from './watch-call.ts';

const WITH_BODY: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH']);

/** What policy says of bodies: which are looked at, what becomes of them, and what is read from their answers. */
export const policyGuard: BodyGuard = (request) => {
  const policy = inForce.policy();
  if (!WITH_BODY.has(request.method)) return undefined;
  const provider = providerOf(request.host, request.path);
  if (policy === undefined) return provider && watchOnly(request, provider);
  const redaction = policy.redaction;
  const redacts =
    redaction !== undefined &&
    (provider !== undefined || redaction.walks(request.host, request.port)) &&
    currentAgents().some((agent) => redaction.appliesTo(agent));
  if (provider === undefined && !redacts) return undefined;
  return createInspection(request, provider, redacts ? redaction : undefined);
};

/** There is no policy: the call goes as it is, and what it used is recorded. */
function watchOnly(request: Outgoing, provider: Known): Inspection | undefined {
  if (!isModelPath(request.path)) return undefined;
  const watch = (): ResponseWatch | undefined => {
    try {
      const call = createCallRecord(request, provider, 'OBSERVED');
      call.model(modelInPath(request.path));
      return watchCall(call, undefined, [watchEarly(request, provider)]);
    } catch (error) {
      debug('a call could not be watched', error);
      return undefined;
    }
  };
  const watched = () => {
    const watching = watch();
    return watching ? { watch: watching } : {};
  };
  return {
    maxBytes: 0,
    pass: watch,
    inspect: (bytes) => ({ kind: 'send', bytes, ...watched() }),
    giveUp: watched,
  };
}

function createInspection(
  request: Outgoing,
  provider: Known | undefined,
  redaction: Redaction | undefined,
): Inspection {
  const call = createCallRecord(request, provider);
  const reads =
    provider !== undefined &&
    isModelPath(request.path) &&
    (inForce.judgesModels() || reviewers.size > 0);

  function inspect(body: Uint8Array, text?: string): BodyRuling {
    const afters: After[] = [];
    const rule = (error: VantioBlockedError | undefined): Ruled => {
      if (error) return { kind: 'block', error };
      if (redaction === undefined)
        return { kind: 'send', bytes: body, watch: watchCall(call, undefined, afters) };
      return redact(request, provider, { bytes: body, text }, call, redaction, afters);
    };
    const refused = reads ? review(request, provider, body, call, afters) : undefined;
    if (!(refused instanceof Promise)) return rule(refused);
    return { kind: 'wait', ruled: refused.then(rule).catch((error) => faulty(error, body)) };
  }

  /** Nothing of it can be read: who reviews calls is asked about one of which nothing is known. */
  function reviewUnread(afters: After[]): VantioBlockedError | undefined {
    if (!reads) return undefined;
    const unread: ModelCall = { request, provider, model: undefined, body: undefined, bytes: 0 };
    for (const reviewer of reviewers) {
      const reviewed = reviewer.before(unread);
      const error = reviewed instanceof Promise ? undefined : heard(reviewed, call, afters);
      if (error) return error;
    }
    return undefined;
  }

  return {
    maxBytes: redaction !== undefined || reads ? MAX_BODY : 0,
    inspect,
    pass: () => watchCall(call, undefined, []),
    giveUp(reason) {
      const afters: After[] = [];
      const error = reviewUnread(afters);
      if (error) return { error };
      if (redaction === undefined) return { watch: watchCall(call, undefined, afters) };
      const refused = unscanned(call, redaction, reason, afters);
      return refused ? { error: refused } : { watch: watchCall(call, undefined, afters) };
    },
  };
}

/** Judges the model, and asks whoever else has a say. */
function review(
  request: Outgoing,
  provider: Known,
  body: Uint8Array,
  call: CallRecord,
  afters: After[],
): VantioBlockedError | undefined | Promise<VantioBlockedError | undefined> {
  const json = requestJson(request, body, MAX_BODY);
  const model = modelIn(json) ?? modelInPath(request.path);
  call.model(model);
  const policy = inForce.policy();
  if (inForce.judgesModels() && policy)
    for (const agent of currentAgents()) {
      const decision = policy.decideModel({ model: model ?? '', provider, agent });
      if (decision.verdict === 'allow') continue;
      const { verdict, action, ruleId, reason } = decision;
      if (verdict === 'would_block') {
        call.would(action, ruleId);
        break;
      }
      call.refused(action, ruleId);
      return refusal(action as BlockedCode, ruleId, reason);
    }
  const asked: ModelCall = { request, provider, model, body: json, bytes: body.length };
  const rest = [...reviewers];
  const ask = (): ReturnType<typeof review> => {
    for (let reviewer = rest.shift(); reviewer; reviewer = rest.shift()) {
      const reviewed = reviewer.before(asked);
      if (reviewed instanceof Promise)
        return reviewed.then((later) => heard(later, call, afters) ?? ask());
      const error = heard(reviewed, call, afters);
      if (error) return error;
    }
    return undefined;
  };
  return ask();
}

function heard(
  reviewed: Reviewed,
  call: CallRecord,
  afters: After[],
): VantioBlockedError | undefined {
  if ('after' in reviewed) {
    afters.push(reviewed.after);
    return undefined;
  }
  const { error, fields } = reviewed;
  call.refused(error.code, error.ruleId, fields);
  for (const after of afters) after({}, NOT_SENT);
  return error;
}

function faulty(error: unknown, body: Uint8Array): Ruled {
  const ruled = guardedOr('looking at a body', { kind: 'send', bytes: body } as Ruled, () => {
    throw error;
  });
  return 'kind' in ruled ? ruled : { kind: 'block', error: ruled.error as VantioBlockedError };
}

function redact(
  request: Outgoing,
  provider: Known | undefined,
  whole: Whole,
  call: CallRecord,
  redaction: Redaction,
  afters: readonly After[],
): Ruled {
  const body = whole.bytes;
  const known = vouched(body);
  const { result, redacting }: Scanned = known ?? scan(request, provider, whole, redaction);
  if (result.kind === 'redacted') call.redacted(redaction, result.counts, result.bytesScanned);
  else if (result.kind === 'unchanged') call.scanned(result.bytesScanned);
  const reason = result.kind === 'unscanned' ? result.reason : result.unscanned;
  const isPart = result.kind !== 'unscanned';
  const error = reason && unscanned(call, redaction, reason, afters, isPart);
  if (error) return { kind: 'block', error };
  if (result.kind === 'unscanned')
    return { kind: 'send', bytes: body, watch: watchCall(call, undefined, afters) };
  const restorer = redaction.isEnforced && redacting?.restores() ? redacting : undefined;
  const isChanged = redaction.isEnforced && known === undefined;
  const bytes = isChanged ? result.bytes : body;
  return { kind: 'send', bytes, watch: watchCall(call, restorer, afters) };
}

type Whole = { readonly bytes: Uint8Array; readonly text: string | undefined };
type Scanned = { readonly result: BodyResult; readonly redacting?: Redacting };

function scan(
  request: Outgoing,
  provider: Known | undefined,
  { bytes, text }: Whole,
  redaction: Redaction,
): Scanned {
  try {
    const redacting = redactingFor(redaction);
    const result = redacting.body(bytes, {
      provider: provider ?? 'generic',
      text,
      contentType: request.header('content-type'),
      contentEncoding: request.header('content-encoding'),
      isSigned: isSigned(request),
    });
    return { result, redacting };
  } catch (error) {
    debug('a body could not be scanned', error);
    return { result: { kind: 'unscanned', reason: 'error' } };
  }
}

function unscanned(
  call: CallRecord,
  redaction: Redaction,
  reason: UnscannedReason,
  afters: readonly After[],
  isPart = false,
): VantioBlockedError | undefined {
  const { ruleId, isEnforced } = redaction;
  if (redaction.unscanned === 'allow') call.unscanned(ruleId, reason);
  else if (!isEnforced) call.would('WOULD_BLOCK_UNSCANNED', ruleId, { unscanned_reason: reason });
  else {
    call.refused('BLOCKED_UNSCANNED', ruleId, { unscanned_reason: reason });
    for (const after of afters) after({}, NOT_SENT);
    return refusal('BLOCKED_UNSCANNED', ruleId, sentence(redaction, reason, isPart));
  }
  return undefined;
}

const SAYING: Readonly<Record<UnscannedReason, string>> = {
  binary: 'it is binary',
  encoding: 'its content-encoding is not known',
  error: 'looking at it failed',
  format: 'it is not of the form of its API',
  multipart: 'it has several parts',
  signed: 'it is signed: add guardBedrock(client), which looks at it before it is signed',
  size: `it is larger than ${MAX_BODY} bytes`,
  stream: 'it is a stream that must be sent as it comes',
};

const PARTLY: Readonly<Partial<Record<UnscannedReason, string>>> = {
  binary: 'a part of it is binary, such as a picture',
  multipart: 'one of its parts is a file that is no text',
};

const sentence = ({ ruleId, reason }: Redaction, why: UnscannedReason, isPart: boolean): string => {
  const whole = `Policy wants the body of this request searched for personal data (rule ${ruleId}), and it cannot be`;
  const said = isPart
    ? `${whole} as a whole: ${PARTLY[why] ?? SAYING[why]}`
    : `${whole}: ${SAYING[why]}`;
  return `${said}.${reason === undefined ? '' : ` ${reason}`}`;
};
