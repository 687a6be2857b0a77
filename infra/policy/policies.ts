import type { ResourceValidationPolicy } from '@pulumi/policy';
import { CMEK_RULE, RULES, type Rule } from './rules.ts';

const policyOf = (
  { code, why, faultOf }: Rule,
  enforcementLevel: 'mandatory' | 'disabled',
): ResourceValidationPolicy => ({
  name: code,
  description: why,
  enforcementLevel,
  validateResource: ({ type, props }, report) => {
    if (!type.startsWith('gcp:')) return;
    const fault = faultOf({ type, inputs: props });
    if (fault !== undefined) report(`${fault}: ${why}`);
  },
});

/** Each rule as Pulumi's engine asks it. Own keys are a choice: `cmek.json` beside this switches that rule on. */
export const POLICIES: ResourceValidationPolicy[] = [
  ...RULES.map((rule) => policyOf(rule, 'mandatory')),
  policyOf(CMEK_RULE, 'disabled'),
];
