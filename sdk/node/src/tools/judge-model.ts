import { requiredWord, writtenWord } from '@vantio/schema/written/word';
import { currentSpan } from '../context/current-span.ts';
import { now } from '../context/main-realm.ts';
import { currentAgents } from '../enforce/agents.ts';
import type { BlockedCode } from '../enforce/blocked-error.ts';
import { guardedOr } from '../enforce/guarded.ts';
import { inForce } from '../enforce/in-force.ts';
import { refusal } from '../enforce/judge.ts';
import { record } from '../record/queue.ts';
import { fieldOf } from '../record/written-field.ts';

/**
 * Asks policy whether a model may be called, for frameworks, whose models need not be reached over HTTP. Only a refusal is
 * recorded: of a call that goes on its transport tells.
 * @throws VantioBlockedError
 */
export function judgeModel(provider: string, model: string, span = currentSpan()): void {
  const outcome = guardedOr('judging a model', undefined, () => {
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
      return { error: refusal(action as BlockedCode, ruleId, reason, span) };
    }
    return undefined;
  });
  if (outcome) throw outcome.error;
}
