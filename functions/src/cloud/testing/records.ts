import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import {
  createSession,
  type Envelope,
  makeApiKey,
  type Plan,
  parseEnvelope,
  readApiKey,
  recordKey,
  type Session,
} from '@vantio/schema';

export const keymaker = generateKeyPairSync('ed25519');

/** An emitter of a tenant: its key, and a session that seals envelopes. */
export type Emitter = {
  readonly apiKey: string;
  readonly tenantId: string;
  readonly keyId: string;
  readonly session: Session;
};

export function createEmitter(
  tenantId: string,
  plan: Plan = 'paid',
  signer: KeyObject = keymaker.privateKey,
): Emitter {
  const apiKey = makeApiKey({ tenantId, plan }, signer);
  const { keyId } = readApiKey(apiKey);
  const session = createSession({
    tenantId,
    keyId,
    source: 'sdk_node',
    recordKey: recordKey(apiKey),
    sessionKey: generateKeyPairSync('ed25519').privateKey,
  });
  return { apiKey, tenantId, keyId, session };
}

/**
 * So many lines of a session: its start, and anomalies under a trace.
 * @param at the emitter's clock, milliseconds since 1970.
 */
export function linesOf(
  { session }: Emitter,
  count: number,
  at: number = Date.now(),
): readonly string[] {
  return Array.from({ length: count }, (_, index) =>
    index === 0
      ? session.seal(
          {
            event_type: 'session_start',
            action_taken: 'RECORDED',
            evidence: 'observed',
            trace_origin: 'none',
            session_public_key: session.publicKey,
            emitter: 'test',
            emitter_version: '1',
          },
          at * 1000,
        ).envelope
      : session.seal(
          {
            event_type: 'anomaly',
            action_taken: 'FLAGGED_ANOMALY',
            evidence: 'observed',
            trace_origin: 'exact',
            trace_id: '0af7651916cd43dd8448eb211c80319c',
            span_id: 'b7ad6b7169203331',
            anomaly_code: `n${index}`,
            severity: 'low',
          },
          at * 1000,
        ).envelope,
  );
}

export const envelopesOf = (emitter: Emitter, count: number): readonly Envelope[] =>
  linesOf(emitter, count).map(parseEnvelope);
