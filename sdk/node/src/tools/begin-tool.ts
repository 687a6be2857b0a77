import type { Action } from '@vantio/schema/actions';
import { requiredWord } from '@vantio/schema/written/word';
import { currentSpan } from '../context/current-span.ts';
import { debug } from '../context/debug.ts';
import { now } from '../context/main-realm.ts';
import type { Span } from '../context/span.ts';
import { currentAgents } from '../enforce/agents.ts';
import type { VantioBlockedError } from '../enforce/blocked-error.ts';
import { guardedOr } from '../enforce/guarded.ts';
import { inForce } from '../enforce/in-force.ts';
import { refusal } from '../enforce/judge.ts';
import { durationOf } from '../observe/http-fields.ts';
import { failureOf } from '../record/error-code.ts';
import type { Detail } from '../record/observation.ts';
import { record } from '../record/queue.ts';
import { fieldOf } from '../record/written-field.ts';

/** A tool that may run; it is told once how that ended. */
export type RunningTool = {
  succeed(): void;
  fail(error: unknown): void;
};

type Verdict = { readonly action: Action; readonly rule: Detail };

/**
 * Asks policy whether a tool may be called, and records the call when it is over.
 * @throws VantioBlockedError before anything of the tool has run
 */
export function beginTool(tool: string, span: Span | undefined = currentSpan()): RunningTool {
  const at = now();
  return running(tool, span, at, judged(tool, span));
}

/** The same for one that runs already, whatever policy says of it: it is only seen. */
export const seeTool = (tool: string, span: Span | undefined = currentSpan()): RunningTool =>
  running(tool, span, now(), SEEN);

function running(
  tool: string,
  span: Span | undefined,
  at: number,
  { action, rule }: Verdict,
): RunningTool {
  let told = false;
  const end = (fields: Detail): void => {
    if (told) return;
    told = true;
    tell(tool, span, at, action, { ...rule, ...fields, duration_us: durationOf(at, now()) });
  };
  return {
    succeed: () => end({ outcome: 'ok' }),
    fail: (error) => end(failureOf(error)),
  };
}

/**
 * The same for a tool that runs where nobody here sees it: only a refusal, or what would be one, is recorded.
 * @throws VantioBlockedError
 */
export function refuseTool(tool: string, span: Span | undefined = currentSpan()): void {
  const at = now();
  const { action, rule } = judged(tool, span);
  if (action === 'WOULD_BLOCK_TOOL') tell(tool, span, at, action, rule);
}

function judged(tool: string, span: Span | undefined): Verdict {
  const verdict = guardedOr('judging a tool', SEEN, () => judge(tool, span));
  if (!('error' in verdict)) return verdict;
  const { error } = verdict as { readonly error: VantioBlockedError };
  tell(tool, span, now(), 'BLOCKED_TOOL', { rule_id: error.ruleId });
  throw error;
}

function tell(
  tool: string,
  span: Span | undefined,
  at: number,
  action: Action,
  fields: Detail,
): void {
  try {
    const name = fieldOf('tool_name', requiredWord('tool_name', tool));
    record({
      type: 'tool_call',
      at,
      span,
      action,
      detail: { ...name, ...inForce.version(), ...fields },
    });
  } catch (error) {
    debug('the call of a tool could not be recorded', error);
  }
}

const SEEN: Verdict = { action: 'OBSERVED', rule: {} };
const ALLOWED: Verdict = { action: 'ALLOWED', rule: {} };

/** It is held to the rules of every shield it is in. */
function judge(tool: string, span: Span | undefined): Verdict | { readonly error: Error } {
  const policy = inForce.policy();
  if (policy === undefined) return SEEN;
  let verdict = ALLOWED;
  for (const agent of currentAgents(span)) {
    const decision = policy.decideTool({ tool, ...(agent === undefined ? {} : { agent }) });
    if (decision.verdict === 'allow') continue;
    const { ruleId, reason } = decision;
    if (decision.verdict === 'block')
      return { error: refusal('BLOCKED_TOOL', ruleId, reason, span) };
    verdict = { action: 'WOULD_BLOCK_TOOL', rule: { rule_id: ruleId } };
  }
  return verdict;
}
