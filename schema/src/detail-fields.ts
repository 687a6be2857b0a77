import { controlFields } from './fields/control.ts';
import { identityFields } from './fields/identity.ts';
import { lifecycleFields } from './fields/lifecycle.ts';
import { networkFields } from './fields/network.ts';
import { processFields } from './fields/process.ts';
import { verdictFields } from './fields/verdict.ts';

/** Every field of a record but `event_type` and `action_taken`, whose words are tables of their own. */
export const detailFields = {
  ...identityFields,
  ...processFields,
  ...networkFields,
  ...verdictFields,
  ...lifecycleFields,
  ...controlFields,
};

export type FieldName = keyof typeof detailFields;
