import { requiredWord, writtenWord } from '@vantio/schema/written/word';
import { now } from '../context/main-realm.ts';
import type { Span } from '../context/span.ts';
import { record } from '../record/queue.ts';
import { fieldOf } from '../record/written-field.ts';
import { currentAgents } from './agents.ts';
import type { BlockedCode, VantioBlockedError } from './blocked-error.ts';
import { inForce } from './in-force.ts';
import { refusal } from './judge.ts';

/**
 * Asks policy whether a model may be called. Only a refusal is recorded: of a call that goes on its transport tells.
 * @returns the refusal
 */
export function judgeModel(
  provider: string,
  model: string,
  span: Span | undefined,
): VantioBlockedError | undefined {
  const policy = inForce.policy();
  if (policy === undefined) return undefined;
  for (const agent of currentAgents(span)) {
    const decision = policy.decideModel({ model, provider, agent });
    if (decision.verdict !== 'block') continue;
    const { action, ruleId, reason } = decision;
    record({
      type: 'llm_call',
      at: now(),
      span,
      action,
      detail: {
        ...fieldOf('provider', requiredWord('provider', provider)),
        ...fieldOf('model', writtenWord('model', model)),
        rule_id: ruleId,
        ...inForce.version(),
      },
      asked: { operation: 'chat', model },
    });
    return refusal(action as BlockedCode, ruleId, reason, span);
  }
  return undefined;
}
