import type { KeyObject } from 'node:crypto';
import { type CanonicalValue, canonicalize } from './canonical.ts';
import { canonicalizeShaped } from './canonical-shape.ts';
import type { Disclosure } from './commitment.ts';
import { createEventIds } from './event-id.ts';
import { recordHash, recordMac } from './hash.ts';
import { instantFromMicros } from './instant.ts';
import type { AuditRecord } from './record.ts';
import { sessionIdOf } from './session-id.ts';
import { rawPublicKey, signSession } from './session-signature.ts';
import { ZERO_HASH } from './zero-hash.ts';

type ChainField =
  | 'v'
  | 'tenant_id'
  | 'key_id'
  | 'event_id'
  | 'session_id'
  | 'seq'
  | 'prev'
  | 'occurred_at'
  | 'source';

/** A record before its session gives it a place: everything but identity, chain and time. */
export type RecordDraft = Omit<AuditRecord, ChainField | 'session_sig'>;

/** What goes over the wire for one record: its canonical bytes, their MAC, and the disclosures that travel beside. */
export type SealedRecord = {
  readonly record: AuditRecord;
  readonly canonical: string;
  readonly hash: string;
  readonly mac: string;
  /** One NDJSON line without its newline: the canonical envelope. */
  readonly envelope: string;
};

export type SessionOptions = {
  readonly tenantId: string;
  readonly keyId: string;
  readonly source: AuditRecord['source'];
  /** From `recordKey(apiKey)`. */
  readonly recordKey: KeyObject;
  /** Ephemeral Ed25519 private key, made for this session and never stored. */
  readonly sessionKey: KeyObject;
};

/**
 * One emitter process lifetime: gives drafts their place in the chain. The first draft must be a `session_start`;
 * drafts of types `session_start`, `session_head` and `session_end` are signed by the session key.
 */
export function createSession({ tenantId, keyId, source, recordKey, sessionKey }: SessionOptions) {
  const publicKey = rawPublicKey(sessionKey);
  const sessionId = sessionIdOf(publicKey);
  const nextEventId = createEventIds(sessionId);
  let seq = 0;
  let prev = ZERO_HASH;

  /** @param micros wall clock of the event, microseconds since 1970. */
  const seal = (
    draft: RecordDraft,
    micros: number,
    disclosures: readonly Disclosure[] = [],
  ): SealedRecord => {
    // The draft comes last: spread first, the members added to it cost Node 20 thirty microseconds.
    const unsigned = {
      v: 1 as const,
      tenant_id: tenantId,
      key_id: keyId,
      event_id: nextEventId(Math.floor(micros / 1000)),
      session_id: sessionId,
      seq,
      prev,
      occurred_at: instantFromMicros(micros),
      source,
      ...draft,
    };
    const record: AuditRecord = isSigned(draft)
      ? { ...unsigned, session_sig: signSession(sessionKey, unsigned) }
      : unsigned;
    const canonical = canonicalizeShaped(record);
    const hash = recordHash(canonical);
    const mac = recordMac(recordKey, canonical);
    seq++;
    prev = hash;
    return { record, canonical, hash, mac, envelope: envelopeText(canonical, mac, disclosures) };
  };

  return { sessionId, publicKey, seal };
}

export type Session = ReturnType<typeof createSession>;

const isSigned = ({ event_type }: RecordDraft): boolean =>
  event_type === 'session_start' || event_type === 'session_head' || event_type === 'session_end';

/** Canonical text of {disclosures?, record, record_mac}, from parts that already are canonical. */
export const envelopeText = (
  canonicalRecord: string,
  mac: string,
  disclosures: readonly Disclosure[],
): string => {
  const beside =
    disclosures.length === 0
      ? ''
      : `"disclosures":${canonicalize(disclosures as unknown as CanonicalValue)},`;
  return `{${beside}"record":${canonicalRecord},"record_mac":"${mac}"}`;
};
