import { currentSpan } from '../context/current-span.ts';
import { enforceEngine } from '../enforce/engines.ts';
import { guardedOr } from '../enforce/guarded.ts';
import { inForce } from '../enforce/in-force.ts';

/**
 * Asks policy, where one is in force, whether a model may be called, for frameworks, whose models need not be reached over
 * HTTP.
 * @throws VantioBlockedError
 */
export function judgeModel(provider: string, model: string, span = currentSpan()): void {
  const outcome = guardedOr('judging a model', undefined, () => {
    if (inForce.policy() === undefined) return undefined;
    const error = enforceEngine().judgeModel(provider, model, span);
    return error && { error };
  });
  if (outcome) throw outcome.error;
}
