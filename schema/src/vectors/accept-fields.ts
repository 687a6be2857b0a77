import { readApiKey } from '../api-key.ts';
import { CONTEXT_FIELDS } from '../common-fields.ts';
import { EVENT_TYPES, type EventType } from '../event-types.ts';
import { recordKey } from '../hash.ts';
import { createSession, type RecordDraft, type SealedRecord } from '../session.ts';
import { certifySession } from '../session-signature.ts';
import { FIELD_NAMES, fieldValues } from './field-values.ts';
import { fixedKey } from './fixed-keys.ts';
import { API_KEY, EPOCH, ROOT, ROOT_KEY } from './sample-session.ts';

/** Members that a session gives, and those that go together by rule. */
const GIVEN = new Set<string>(['session_public_key', 'session_root_key', 'session_root_sig']);

/** Few records that between them hold every field of the table, once at its lower and once at its upper bound. */
export const acceptFields = (): SealedRecord[] => [
  ...session('least', 'cli'),
  ...session('greatest', 'control_plane'),
];

function session(bound: 'least' | 'greatest', source: 'cli' | 'control_plane'): SealedRecord[] {
  const { tenantId, keyId } = readApiKey(API_KEY);
  const made = createSession({
    tenantId,
    keyId,
    source,
    recordKey: recordKey(API_KEY),
    sessionKey: fixedKey(`session of ${bound} values`),
  });
  const start = {
    session_public_key: made.publicKey,
    session_root_key: ROOT_KEY,
    session_root_sig: certifySession(ROOT, tenantId, made.publicKey),
  };
  return coveringTypes().map((type, at) => {
    const draft = fullDraft(type, bound);
    return made.seal(type === 'session_start' ? { ...draft, ...start } : draft, EPOCH + at);
  });
}

/** A record of this type with everything that it may hold. */
export function fullDraft(type: EventType, bound: 'least' | 'greatest'): RecordDraft {
  const names = detailsOf(type).filter((name) => !GIVEN.has(name));
  return {
    ...Object.fromEntries(names.map((name) => [name, fieldValues(name)[bound]])),
    event_type: type,
    action_taken: EVENT_TYPES[type].actions[0],
    evidence: 'observed',
    trace_origin: 'exact',
  } as RecordDraft;
}

/** A signed record stands for no others, and its signature comes with its seal. */
function detailsOf(type: EventType): string[] {
  const { required, optional } = EVENT_TYPES[type];
  const names = [...new Set<string>([...CONTEXT_FIELDS, ...required, ...optional])].sort();
  const signed = (required as readonly string[]).includes('session_sig');
  return signed ? names.filter((name) => name !== 'count' && name !== 'session_sig') : names;
}

/** `session_start`, then whichever type holds most of what is still missing; a `session_end` stands last. */
function coveringTypes(): EventType[] {
  const types = Object.keys(EVENT_TYPES) as EventType[];
  const missing = new Set(FIELD_NAMES);
  const chosen: EventType[] = [];
  const missed = (type: EventType) => detailsOf(type).filter((name) => missing.has(name)).length;
  const choose = (type: EventType) => {
    chosen.push(type);
    for (const name of detailsOf(type)) missing.delete(name);
  };
  choose('session_start');
  for (;;) {
    const next = types.reduce((best, type) => (missed(type) > missed(best) ? type : best));
    if (missed(next) === 0) break;
    choose(next);
  }
  return chosen.sort((a, b) => Number(a === 'session_end') - Number(b === 'session_end'));
}
