/** What an emitter needs and no more: nothing here pulls in zod or the table of event types. */
export { type ApiKeyClaims, ApiKeyError, readApiKey } from './api-key.ts';
export { commitment, type Disclosure } from './commitment.ts';
export type { CommittedField } from './committed-fields.ts';
export { formatLedgerLine } from './format-ledger-line.ts';
export { receivedKey, recordKey, traceSignature } from './hash.ts';
export { instantFromMicros } from './instant.ts';
export { createSession, type RecordDraft, type SealedRecord, type Session } from './session.ts';
export { certifySession, rawPublicKey } from './session-signature.ts';
