/** What an emitter needs and no more: nothing here pulls in zod or the table of event types. */
export { type ApiKeyClaims, ApiKeyError, readApiKey } from './api-key.ts';
export { commitment, type Disclosure } from './commitment.ts';
export type { CommittedField } from './committed-fields.ts';
export { formatLedgerLine } from './format-ledger-line.ts';
export { receivedKey, recordKey, traceSignature } from './hash.ts';
export { instantFromMicros } from './instant.ts';
export { createSession, type RecordDraft, type SealedRecord, type Session } from './session.ts';
export { certifySession, rawPublicKey } from './session-signature.ts';
export { writtenValue } from './written/committed-value.ts';
export type { Written } from './written/fit.ts';
export { writtenHost } from './written/host.ts';
export { requiredPort, writtenStatusClass } from './written/integers.ts';
export { writtenIp } from './written/ip.ts';
export { writtenProcessName } from './written/process-name.ts';
export { requiredWord, writtenWord } from './written/word.ts';
