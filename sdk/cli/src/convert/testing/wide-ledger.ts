import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type RecordDraft, readApiKey, recordKey, type SealedRecord } from '@vantio/schema';
import { EVENT_TYPES, type EventType } from '@vantio/schema/event-types';
import { createSession } from '@vantio/schema/session';
import { fullDraft } from '@vantio/schema/vectors/accept-fields';
import { fixedApiKey, fixedKey } from '@vantio/schema/vectors/fixed-keys';
import { leastDraft } from '@vantio/schema/vectors/one-of-each-type';
import { EPOCH, ledgerLines, sampleSession } from '@vantio/schema/vectors/sample-session';
import { API_KEY } from '../../testing/sample-ledger.ts';

const CONTROL_KEY = fixedApiKey('vantio', 'control key', 'control');

export type WideLedger = {
  readonly file: string;
  /** Arguments of `vantio convert`. */
  readonly args: readonly string[];
  readonly sealed: readonly SealedRecord[];
};

/** A session has its first and last record once; a rotation speaks of a file, which would have to be there. */
const ELSEWHERE: ReadonlySet<EventType> = new Set(['session_start', 'session_end', 'rotation']);

/**
 * A ledger of two sessions: one as an SDK writes it; and one with nearly every type of record, under each of its actions with no
 * more than it must hold, and with all that it may hold at both bounds.
 */
export function wideLedger(directory: string, repeat = 1): WideLedger {
  const ofKey = (apiKey: string) => (sealed: SealedRecord) => ({ sealed, apiKey });
  const entries = [
    ...sampleSession().map(ofKey(API_KEY)),
    ...Array.from({ length: repeat }, (_, at) => everything(`wide ${at}`))
      .flat()
      .map(ofKey(CONTROL_KEY)),
  ];
  const file = join(directory, 'wide.ndjson');
  writeFileSync(
    file,
    ledgerLines(entries)
      .map((line) => `${line}\n`)
      .join(''),
  );
  const keyFile = join(directory, 'wide.keys');
  writeFileSync(keyFile, `${API_KEY}\n${CONTROL_KEY}\n`, { mode: 0o600 });
  return {
    file,
    args: [file, '--key-file', keyFile],
    sealed: entries.map(({ sealed }) => sealed),
  };
}

function everything(label: string): SealedRecord[] {
  const { tenantId, keyId } = readApiKey(CONTROL_KEY);
  const session = createSession({
    tenantId,
    keyId,
    source: 'control_plane',
    recordKey: recordKey(CONTROL_KEY),
    sessionKey: fixedKey(label),
  });
  const types = (Object.keys(EVENT_TYPES) as EventType[]).filter((type) => !ELSEWHERE.has(type));
  return [
    { ...leastDraft('session_start'), session_public_key: session.publicKey } as RecordDraft,
    ...types.flatMap(draftsOf),
    leastDraft('session_end'),
  ].map((draft, at) => session.seal(draft, EPOCH + at));
}

const draftsOf = (type: EventType): readonly RecordDraft[] => [
  ...EVENT_TYPES[type].actions.map(
    (action) =>
      ({
        ...leastDraft(type),
        action_taken: action,
        evidence: action.startsWith('BLOCKED_') ? 'denied_before_effect' : 'observed',
      }) as RecordDraft,
  ),
  fullDraft(type, 'least'),
  fullDraft(type, 'greatest'),
];
