import { generateKeyPairSync } from 'node:crypto';
import {
  createSession,
  type Disclosure,
  type RecordDraft,
  readApiKey,
  recordKey,
  type SealedRecord,
} from '@vantio/schema';

export const TRACE = '0af7651916cd43dd8448eb211c80319c';

/** An emitter as a test needs it: seals records of one session under one key. */
export function createEmitter(apiKey: string) {
  const { tenantId, keyId } = readApiKey(apiKey);
  const session = createSession({
    tenantId,
    keyId,
    source: 'sdk_node',
    recordKey: recordKey(apiKey),
    sessionKey: generateKeyPairSync('ed25519').privateKey,
  });
  let micros = Date.now() * 1000;
  const seal = (
    draft: Partial<RecordDraft> & Pick<RecordDraft, 'event_type'>,
    disclosures?: readonly Disclosure[],
  ): SealedRecord =>
    session.seal(
      {
        action_taken: 'RECORDED',
        evidence: 'observed',
        trace_origin: 'none',
        ...draft,
      } as RecordDraft,
      micros++,
      disclosures,
    );
  const start = (more: Partial<RecordDraft> = {}): SealedRecord =>
    seal({
      event_type: 'session_start',
      session_public_key: session.publicKey,
      emitter: 'test',
      emitter_version: '1',
      ...more,
    });
  const event = (more: Partial<RecordDraft> = {}, disclosures?: readonly Disclosure[]) =>
    seal(
      {
        event_type: 'shield_end',
        action_taken: 'OBSERVED',
        trace_origin: 'exact',
        trace_id: TRACE,
        duration_us: 1,
        outcome: 'ok',
        ...more,
      } as Partial<RecordDraft> & Pick<RecordDraft, 'event_type'>,
      disclosures,
    );
  /** A session_start and so many events. */
  const batch = (events: number): readonly SealedRecord[] => [
    start(),
    ...Array.from({ length: events }, () => event()),
  ];
  const { sessionId, publicKey } = session;
  return { apiKey, sessionId, publicKey, seal, start, event, batch };
}

export type Emitter = ReturnType<typeof createEmitter>;

export const ndjson = (records: readonly SealedRecord[]): string =>
  records.map(({ envelope }) => `${envelope}\n`).join('');

export const jsonBatch = (records: readonly SealedRecord[]): string =>
  `{"events":[${records.map(({ envelope }) => envelope).join(',')}]}`;
