import type { Spend } from '@vantio/schema/policy/spend-settings';
import type { Budget } from './purse.ts';

/** What a call counts against. In shields within shields it counts for each of them. */
export function budgetsOf(
  { caps }: Spend,
  agents: readonly (string | undefined)[],
  model: string,
  traceId: string,
): readonly Budget[] {
  return caps.flatMap((cap) => {
    const counted = agents.filter((agent) => cap.counts({ model, agent }));
    if (counted.length === 0) return [];
    const subjects =
      cap.scope === 'agent'
        ? counted.map((agent) => agent ?? '')
        : [cap.scope === 'model' ? model.toLowerCase() : ''];
    return subjects.map((subject): Budget => ({ cap, subject, traceId }));
  });
}
