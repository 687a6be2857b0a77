import { EVENT_TYPES } from '@vantio/schema/event-types';
import type { Describe } from '../ocsf-class.ts';

const CREATE = 1;

/** Detection Finding [2004]: somebody, or a rule, found something. Its own evidence stays with the record. */
export const describeFinding: Describe = ({ take, has }) => {
  const type = take('event_type');
  const code = has('anomaly_code') ? take('anomaly_code') : take('alarm');
  return {
    classUid: 2004,
    activityId: CREATE,
    members: {
      finding_info: {
        uid: take('event_id'),
        title: EVENT_TYPES[type].says,
        types: [code ?? type],
      },
    },
  };
};
