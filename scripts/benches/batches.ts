import { generateKeyPairSync } from 'node:crypto';
import {
  createSession,
  type RecordDraft,
  readApiKey,
  recordKey,
  type Session,
} from '@vantio/schema';

/** One emitter under one API key. */
export type Emitter = { readonly apiKey: string; readonly session: Session; started: boolean };

/** A batch as it goes over the wire. */
export type Body = { readonly apiKey: string; readonly bytes: Buffer };

export function createEmitter(apiKey: string): Emitter {
  const { tenantId, keyId } = readApiKey(apiKey);
  const session = createSession({
    tenantId,
    keyId,
    source: 'sdk_node',
    recordKey: recordKey(apiKey),
    sessionKey: generateKeyPairSync('ed25519').privateKey,
  });
  return { apiKey, session, started: false };
}

/** The next lines of a session: canonical envelopes, its start first. */
export const makeLines = (emitter: Emitter, events: number): readonly string[] =>
  Array.from(
    { length: events },
    () => emitter.session.seal(draftOf(emitter), Date.now() * 1000).envelope,
  );

export const makeBody = (emitter: Emitter, events: number): Body => ({
  apiKey: emitter.apiKey,
  bytes: Buffer.from(makeLines(emitter, events).join('\n')),
});

function draftOf(emitter: Emitter): RecordDraft {
  const { session } = emitter;
  if (!emitter.started) {
    emitter.started = true;
    return {
      event_type: 'session_start',
      action_taken: 'RECORDED',
      evidence: 'observed',
      trace_origin: 'none',
      session_public_key: session.publicKey,
      emitter: 'bench',
      emitter_version: '1',
    };
  }
  return {
    event_type: 'http_request',
    action_taken: 'OBSERVED',
    evidence: 'observed',
    trace_origin: 'exact',
    trace_id: '0af7651916cd43dd8448eb211c80319c',
    span_id: 'b7ad6b7169203331',
    target_host: 'api.openai.com',
    target_port: 443,
    client: 'undici',
    http_method: 'POST',
    status_class: 2,
    bytes_sent: 2048,
    bytes_received: 8192,
    duration_us: 512_000,
    pid: 4242,
    process_name: 'node',
  };
}
