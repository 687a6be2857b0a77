import { EVENT_TYPES } from '@vantio/schema/event-types';
import { recordHash } from '@vantio/schema/hash';
import type { SoundLine } from '../../import/read-sound-lines.ts';
import { VERSION } from '../../version.ts';
import { describe } from './ocsf-class.ts';
import { hostOf } from './ocsf-host.ts';
import { verdictOf } from './ocsf-verdict.ts';
import { present, takeFields } from './take-fields.ts';

/** Of the schema; https://schema.ocsf.io/1.8.0 */
export const OCSF_VERSION = '1.8.0';

/**
 * A record as an OCSF event. Only what the record says is mapped; a class is used only if the record has all that it
 * requires, and else the event is a Base Event. What has no place of its own stands under `unmapped`, by its own name.
 */
export function ocsfEvent({ parsed }: SoundLine): object {
  const { record, canonical, mac, receivedAt, receivedMac } = parsed;
  const fields = takeFields(record);
  const { take } = fields;
  const { classUid, activityId, activityName, profiles = [], members } = describe(record, fields);
  const host = hostOf(fields);
  const verdict = verdictOf(fields);
  const event = {
    metadata: {
      version: OCSF_VERSION,
      product: { name: 'Vantio', vendor_name: 'Vantio', version: VERSION },
      profiles: [...new Set(['security_control', ...host.profiles, ...profiles])],
      uid: recordHash(canonical),
      original_event_uid: take('event_id'),
      event_code: take('event_type'),
      tenant_uid: take('tenant_id'),
      original_time: take('occurred_at'),
      logged_time: millisOf(receivedAt),
      sequence: take('seq'),
      ...present({ correlation_uid: take('trace_id') }),
    },
    time: millisOf(record.occurred_at),
    class_uid: classUid,
    category_uid: Math.floor(classUid / 1000),
    activity_id: activityId,
    ...present({ activity_name: activityName }),
    type_uid: classUid * 100 + activityId,
    message: EVENT_TYPES[record.event_type].says,
    ...verdict,
    ...extentOf(record),
    ...merged(host.members, members),
  };
  return {
    ...event,
    unmapped: {
      ...fields.rest(),
      record_mac: mac,
      received_at: receivedAt,
      received_mac: receivedMac,
    },
  };
}

/** Both may speak of the actor. */
function merged(host: Readonly<Record<string, unknown>>, members: object): object {
  const { actor, ...rest } = members as { readonly actor?: object };
  return {
    ...host,
    ...rest,
    ...(actor === undefined ? {} : { actor: { ...(host.actor as object), ...actor } }),
  };
}

/** In milliseconds, as OCSF has it: the exact values stay under `unmapped`. */
const extentOf = ({ count, first_at, last_at, duration_us }: Line['record']): object => ({
  ...present({
    count,
    start_time: first_at && millisOf(first_at),
    end_time: last_at && millisOf(last_at),
    duration: duration_us === undefined ? undefined : Math.round(duration_us / 1000),
  }),
});

type Line = SoundLine['parsed'];

const millisOf = (at: string): number => Date.parse(`${at.slice(0, 23)}Z`);
