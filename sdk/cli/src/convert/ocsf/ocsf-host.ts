import { type Fields, present } from './take-fields.ts';

const UNKNOWN = 0;

/** Where it happened and in which process: the profiles `host` and `container`. */
export function hostOf(fields: Fields): {
  readonly profiles: readonly string[];
  readonly members: Readonly<Record<string, unknown>>;
} {
  const { take, has } = fields;
  const process = processOf(fields);
  return {
    profiles: ['host', ...(process !== undefined && has('container_id') ? ['container'] : [])],
    members: {
      ...present({
        device: has('node') ? { hostname: take('node'), type_id: UNKNOWN } : undefined,
      }),
      actor: { session: { uid: take('session_id') }, ...present({ process }) },
    },
  };
}

function processOf({ take, has }: Fields): object | undefined {
  if (!has('pid')) return undefined;
  const uid = take('uid');
  return present({
    pid: take('pid'),
    name: take('process_name'),
    tid: take('thread_id'),
    user: uid === undefined ? undefined : { uid: String(uid) },
    parent_process: has('ppid') ? { pid: take('ppid') } : undefined,
    container: has('container_id')
      ? present({ uid: take('container_id'), pod_uuid: take('pod_uid') })
      : undefined,
  });
}
