import type { Describe } from '../ocsf-class.ts';
import { present } from '../take-fields.ts';

const [LAUNCH, TERMINATE] = [1, 2];

/** Process Activity [1007]: wants a device, an actor and a process. Names of programs are committed, and not in it. */
export const describeProcess: Describe = ({ take, has }) => {
  if (!has('node') || !has('pid')) return undefined;
  const type = take('event_type');
  if (type === 'process_exit')
    return {
      classUid: 1007,
      activityId: TERMINATE,
      members: {
        process: { pid: take('pid'), ...present({ name: take('process_name') }) },
        ...present({ exit_code: take('exit_code') }),
      },
    };
  // An exec without a child is of the process itself.
  const child = has('child_pid') ? take('child_pid') : take('pid');
  return { classUid: 1007, activityId: LAUNCH, members: { process: { pid: child } } };
};
