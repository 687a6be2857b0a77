import { generateKeyPairSync } from 'node:crypto';
import { release } from 'node:os';
import {
  createSession,
  instantFromMicros,
  type RecordDraft,
  readApiKey,
  receivedKey,
  recordKey,
  type SealedRecord,
} from '@vantio/schema';

const EMITTER = 'vantio-control-plane';
const VERSION = '0.1.0';

/** What the control plane itself has to say, in a session of its own in the ledger that it keeps. */
export function createControlSession(controlKey: string) {
  const { tenantId, keyId } = readApiKey(controlKey);
  const session = createSession({
    tenantId,
    keyId,
    source: 'control_plane',
    recordKey: recordKey(controlKey),
    sessionKey: generateKeyPairSync('ed25519').privateKey,
  });
  const seal = (draft: Omit<RecordDraft, 'evidence' | 'trace_origin'>): SealedRecord =>
    session.seal(
      { ...draft, evidence: 'observed', trace_origin: 'none' } as RecordDraft,
      Date.now() * 1000,
    );

  return {
    sessionId: session.sessionId,
    tenantId,
    receivedKey: receivedKey(controlKey),
    start: () =>
      seal({
        event_type: 'session_start',
        action_taken: 'RECORDED',
        session_public_key: session.publicKey,
        emitter: EMITTER,
        emitter_version: VERSION,
        runtime: `node/${process.versions.node}`,
        os: process.platform,
        arch: process.arch,
        kernel_release: release()
          .replace(/[^A-Za-z0-9._:/@+-]/g, '_')
          .slice(0, 128),
        pid: process.pid,
      }),
    seal,
    head: () => seal({ event_type: 'session_head', action_taken: 'RECORDED' }),
    end: (reason: EndReason) =>
      seal({ event_type: 'session_end', action_taken: 'RECORDED', ...reason }),
  };
}

export type ControlSession = ReturnType<typeof createControlSession>;
export type ControlDraft = Parameters<ControlSession['seal']>[0];
/** `signal` is a name such as SIGTERM. */
export type EndReason =
  | { readonly end_reason: 'shutdown' }
  | { readonly end_reason: 'signal'; readonly signal: string };

export const nowInstant = (): string => instantFromMicros(Date.now() * 1000);
