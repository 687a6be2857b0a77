export { ACTIONS, type Action } from './actions.ts';
export {
  type ApiKeyClaims,
  ApiKeyError,
  type ApiKeyErrorCode,
  checkApiKey,
  makeApiKey,
  readApiKey,
  signerIdOf,
} from './api-key.ts';
export {
  CanonicalError,
  type CanonicalValue,
  canonicalize,
  parseCanonical,
  requireCanonical,
} from './canonical.ts';
export { commitment, type Disclosure, discloses } from './commitment.ts';
export { COMMITTED_FIELDS, type CommittedField } from './committed-fields.ts';
export { type Envelope, MAX_LINE_LENGTH, parseEnvelope, readEnvelope } from './envelope.ts';
export { EnvelopeError, type EnvelopeErrorCode } from './envelope-error.ts';
export { EVENT_TYPES, type EventType, UNCOUNTED_TYPES } from './event-types.ts';
export { formatLedgerLine, type LineParts, receivedMac } from './format-ledger-line.ts';
export {
  equalDigests,
  receivedKey,
  recordHash,
  recordKey,
  recordMac,
  traceSignature,
} from './hash.ts';
export { instantFromMicros, microsFromInstant } from './instant.ts';
export { type LedgerLine, parseLedgerLine } from './ledger-line.ts';
export { PLANS, type Plan } from './plans.ts';
export { MAX_DISCLOSURE_CHARACTERS, readDisclosure } from './read-disclosures.ts';
export { MAX_RECORD_BYTES } from './read-record.ts';
export { type AuditRecord, recordSchema } from './record.ts';
export { recordFault } from './record-fault.ts';
export type { Fault } from './rules.ts';
export { createSession, type RecordDraft, type SealedRecord, type Session } from './session.ts';
export {
  certifySession,
  publicKeyFromRaw,
  rawPublicKey,
  sessionCertificateHolds,
  sessionSignatureHolds,
  signSession,
} from './session-signature.ts';
export type { CheckName, Finding, Place } from './verify/finding.ts';
export {
  createLedgerVerifier,
  type VerifierOptions,
  type VerifyReport,
} from './verify/ledger-verifier.ts';
export type { Segment } from './verify/segments.ts';
export type { ExpectedHead, SessionSummary } from './verify/session-state.ts';
export { ZERO_HASH } from './zero-hash.ts';
