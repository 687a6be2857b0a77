import type { Describe } from '../ocsf-class.ts';
import type { Fields } from '../take-fields.ts';
import { carrierOf, carrierProfiles, targetOf } from './endpoint.ts';

const [OPEN, CLOSE, FAIL, REFUSE, TRAFFIC] = [1, 2, 4, 5, 6];

/** Network Activity [4001]: wants an endpoint. */
export const describeConnection: Describe = (fields) => {
  const target = targetOf(fields);
  if (target === undefined) return undefined;
  return {
    classUid: 4001,
    activityId: activityOf(fields),
    profiles: carrierProfiles(fields),
    members: { dst_endpoint: target, ...carrierOf(fields) },
  };
};

function activityOf({ take }: Fields): number {
  if (take('action_taken').startsWith('BLOCKED_')) return REFUSE;
  switch (take('event_type')) {
    case 'net_close':
      return CLOSE;
    case 'net_connect':
    case 'tls_connect':
      return ['error', 'timeout', 'aborted'].includes(take('outcome') ?? '') ? FAIL : OPEN;
    default:
      return TRAFFIC;
  }
}
