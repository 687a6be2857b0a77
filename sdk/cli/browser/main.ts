export type { EventProof, EventProofRequest } from '../src/verify/event-proof.ts';
export { verifyEvent } from './verify-event.ts';
export { type NamedFile, type Verified, type VerifyRequest, verifyFiles } from './verify-files.ts';
