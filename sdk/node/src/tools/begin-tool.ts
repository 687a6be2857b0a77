import type { Action } from '@vantio/schema/actions';
import { requiredWord } from '@vantio/schema/written/word';
import { currentSpan } from '../context/current-span.ts';
import { debug } from '../context/debug.ts';
import { now } from '../context/main-realm.ts';
import type { Span } from '../context/span.ts';
import type { VantioBlockedError } from '../enforce/blocked-error.ts';
import { guardedOr } from '../enforce/guarded.ts';
import { inForce } from '../enforce/in-force.ts';
import type { ToolRuling } from '../enforce/judge-tool.ts';
import { durationOf } from '../observe/http-fields.ts';
import { failureOf } from '../record/error-code.ts';
import type { Detail } from '../record/observation.ts';
import { record } from '../record/queue.ts';
import { fieldOf } from '../record/written-field.ts';
import { judgeTool } from './judge-tool.ts';

/** A tool that may run; it is told once how that ended. */
export type RunningTool = {
  succeed(): void;
  fail(error: unknown): void;
};

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
  ruling: ToolRuling,
): RunningTool {
  let told = false;
  const end = (fields: Detail): void => {
    if (told) return;
    told = true;
    const duration_us = durationOf(at, now());
    tell(tool, span, at, ruling.action, { ...ruleOf(ruling), ...fields, duration_us });
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
  const ruling = judged(tool, span);
  if (ruling.action === 'WOULD_BLOCK_TOOL') tell(tool, span, at, ruling.action, ruleOf(ruling));
}

function judged(tool: string, span: Span | undefined): ToolRuling {
  const ruling = guardedOr('judging a tool', SEEN, () => judgeTool(tool, undefined, span));
  const { error } = ruling as { readonly error?: VantioBlockedError };
  if (error === undefined) return ruling as ToolRuling;
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

const SEEN: ToolRuling = { action: 'OBSERVED' };

const ruleOf = ({ ruleId }: ToolRuling): Detail =>
  ruleId === undefined ? {} : { rule_id: ruleId };
