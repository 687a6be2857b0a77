import { type Describe, OTHER } from '../ocsf-class.ts';
import { present } from '../take-fields.ts';
import { carrierOf, carrierProfiles, targetOf } from './endpoint.ts';

const ACTIVITIES: Readonly<Record<string, number>> = {
  CONNECT: 1,
  DELETE: 2,
  GET: 3,
  HEAD: 4,
  OPTIONS: 5,
  POST: 6,
  PUT: 7,
  TRACE: 8,
  PATCH: 9,
};

/** HTTP Activity [4002]: wants a request, of which a record has the method if anything. Paths are in no record. */
export const describeRequest: Describe = (fields) => {
  const { take, has } = fields;
  if (!has('http_method')) return undefined;
  const method = take('http_method') ?? '';
  const activityId = ACTIVITIES[method];
  return {
    classUid: 4002,
    activityId: activityId ?? OTHER,
    ...(activityId === undefined ? { activityName: method } : {}),
    profiles: carrierProfiles(fields),
    members: {
      http_request:
        present({
          http_method: activityId === undefined ? undefined : method,
          version: take('http_version'),
        }) ?? {},
      ...present({ dst_endpoint: targetOf(fields) }),
      ...carrierOf(fields),
    },
  };
};
