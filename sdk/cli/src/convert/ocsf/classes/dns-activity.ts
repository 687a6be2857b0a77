import type { Describe } from '../ocsf-class.ts';
import { present } from '../take-fields.ts';
import { carrierOf, carrierProfiles } from './endpoint.ts';

const QUERY = 1;

/** DNS Activity [4003]: wants an endpoint, which for a lookup is whom was asked; the name alone is not enough. */
export const describeLookup: Describe = (fields) => {
  const { take, has } = fields;
  if (!has('target_ip')) return undefined;
  return {
    classUid: 4003,
    activityId: QUERY,
    profiles: carrierProfiles(fields),
    members: {
      query: { hostname: take('target_host') },
      dst_endpoint: present({ ip: take('target_ip'), port: take('target_port') }),
      ...carrierOf(fields),
    },
  };
};
