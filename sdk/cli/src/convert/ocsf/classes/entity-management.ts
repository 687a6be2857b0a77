import { type Describe, OTHER } from '../ocsf-class.ts';
import type { Fields } from '../take-fields.ts';
import { present } from '../take-fields.ts';

const [CREATE, UPDATE, DEACTIVATE] = [1, 3, 11];
const [USER, POLICY] = [2, 5];

/** Entity Management [3004]: of API keys, policies and members. */
export const describeAccount: Describe = (fields) => {
  const { take } = fields;
  const type = take('event_type');
  const by = type === 'member_change' ? undefined : take('member_id');
  return {
    classUid: 3004,
    ...activityOf(fields),
    members: {
      entity: entityOf(fields),
      ...present({ actor: by === undefined ? undefined : { user: { uid: by } } }),
    },
  };
};

function activityOf({ take }: Fields): { activityId: number; activityName?: string } {
  switch (take('event_type')) {
    case 'key_created':
      return { activityId: CREATE };
    case 'key_revoked':
      return { activityId: DEACTIVATE };
    case 'policy_change':
      return { activityId: UPDATE };
    default:
      // Whether a member was added, changed or removed, only the reason says.
      return { activityId: OTHER, activityName: take('reason_code') ?? 'member_change' };
  }
}

function entityOf({ take }: Fields): object {
  switch (take('event_type')) {
    case 'policy_change':
      return {
        type_id: POLICY,
        uid: take('policy_sha256'),
        version: String(take('policy_version')),
      };
    case 'member_change':
      return { type_id: USER, uid: take('member_id') };
    default:
      return { type_id: OTHER, type: 'API key', uid: take('subject_key_id') };
  }
}
