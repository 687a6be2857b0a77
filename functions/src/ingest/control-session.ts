import { generateKeyPairSync } from 'node:crypto';
import { release } from 'node:os';
import {
  createSession,
  instantFromMicros,
  type RecordDraft,
  readApiKey,
  receivedKey,
  recordKey,
} from '@vantio/schema';
import type { Batch, CheckedRecord, ControlNote } from './ledger-store.ts';

const EMITTER = 'vantio-control-plane';
const VERSION = '0.1.0';

/** Records that may wait for a disk that takes nothing. */
const MAX_WAITING = 1000;

/**
 * What the control plane itself has to say, in a session of its own in the ledger that it keeps. Once sealed, a record has
 * its place in the session, so it waits here until it is durable.
 */
export function createControlSession(controlKey: string) {
  const { tenantId, keyId } = readApiKey(controlKey);
  const session = createSession({
    tenantId,
    keyId,
    source: 'control_plane',
    recordKey: recordKey(controlKey),
    sessionKey: generateKeyPairSync('ed25519').privateKey,
  });
  const received = receivedKey(controlKey);
  const waiting: CheckedRecord[] = [];
  /** Whether one of them has not been offered yet. */
  let fresh = false;
  let dropped = 0;

  const say = (note: ControlNote): void => {
    const sealed = session.seal(
      { ...note, evidence: 'observed', trace_origin: 'none' } as RecordDraft,
      Date.now() * 1000,
    );
    waiting.push({ ...sealed, disclosures: [] });
    fresh = true;
  };

  const sayDropped = (): void => {
    if (dropped === 0) return;
    const lost = { lost_events: dropped, loss_reason: 'queue_full' } as const;
    say({ event_type: 'loss', action_taken: 'RECORDED', ...lost });
    dropped = 0;
  };

  return {
    sessionId: session.sessionId,
    start: () =>
      say({
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
    say,
    /** Says it if not too much waits; otherwise counts it. */
    sayIfRoom: (note: ControlNote): void => {
      if (waiting.length >= MAX_WAITING) {
        dropped++;
        fresh = true;
        return;
      }
      sayDropped();
      say(note);
    },
    head: () => say({ event_type: 'session_head', action_taken: 'RECORDED' }),
    end: (reason: EndReason) => {
      sayDropped();
      say({ event_type: 'session_end', action_taken: 'RECORDED', ...reason });
    },
    isFresh: () => fresh,
    isEmpty: () => waiting.length === 0,
    /** All that waits, to be written. */
    offer: (): Batch => {
      fresh = false;
      return { tenantId, receivedKey: received, records: [...waiting] };
    },
    /** What was offered is durable. */
    settle: ({ records }: Batch): void => {
      waiting.splice(0, records.length);
    },
  };
}

/** `signal` is a name such as SIGTERM. */
export type EndReason =
  | { readonly end_reason: 'shutdown' }
  | { readonly end_reason: 'signal'; readonly signal: string };

export const nowInstant = (): string => instantFromMicros(Date.now() * 1000);
