import { type Holding, heldRule, isFor, isHeld } from './held-rule.ts';
import { compileGlob } from './name-glob.ts';
import type { PolicyDocument, SpendSection } from './policy-document.ts';

export type SpendCap = {
  readonly ruleId: string;
  readonly window: SpendSection['caps'][number]['window'];
  readonly scope: SpendSection['caps'][number]['scope'];
  readonly limitMicroUsd: number;
  readonly kind: 'hard' | 'soft';
  /** Whether it holds while policy, and so its leases, cannot be had: then a call that counts is refused. */
  readonly isClosed: boolean;
  readonly reason?: string;
  counts(call: { readonly model: string; readonly agent?: string | undefined }): boolean;
};

/** Micro-dollars for a million tokens. */
export type TokenPrices = SpendSection['prices'][string];

export type Spend = {
  readonly isEnforced: boolean;
  readonly caps: readonly SpendCap[];
  readonly unknownModel: SpendSection['unknown_model'];
  /** By model id in lower case. */
  readonly prices: ReadonlyMap<string, TokenPrices>;
};

export function compileSpend(policy: PolicyDocument, holding: Holding): Spend | undefined {
  const section = policy.spend;
  if (section === undefined) return undefined;
  const caps = section.caps.flatMap((cap, at): SpendCap[] => {
    if (!isHeld(holding, cap.on_unavailable)) return [];
    const rule = heldRule(cap, `spend.caps.${at}`);
    const models = cap.models?.map((pattern) => compileGlob(pattern.toLowerCase()));
    return [
      {
        ruleId: rule.ruleId,
        window: cap.window,
        scope: cap.scope,
        limitMicroUsd: cap.limit_microusd,
        kind: cap.kind,
        isClosed: (cap.on_unavailable ?? policy.on_unavailable) === 'closed',
        ...(rule.reason === undefined ? {} : { reason: rule.reason }),
        counts: ({ model, agent }) =>
          isFor(rule, agent) &&
          (models === undefined || models.some((isNamed) => isNamed(model.toLowerCase()))),
      },
    ];
  });
  if (holding.isUnavailable && caps.length === 0) return undefined;
  return {
    isEnforced: policy.mode === 'enforce',
    caps,
    unknownModel: section.unknown_model,
    prices: new Map(
      Object.entries(section.prices).map(([model, prices]) => [model.toLowerCase(), prices]),
    ),
  };
}
