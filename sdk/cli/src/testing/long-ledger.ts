import { generateKeyPairSync } from 'node:crypto';
import { closeSync, openSync, writeSync } from 'node:fs';
import {
  certifySession,
  createSession,
  formatLedgerLine,
  type RecordDraft,
  readApiKey,
  receivedKey,
  recordHash,
  recordKey,
  ZERO_HASH,
} from '@vantio/schema';
import { ROOT, ROOT_KEY } from '@vantio/schema/vectors/sample-session';
import { API_KEY } from './sample-ledger.ts';

/** 2026-01-02T03:04:05Z, when the first line came in; each further one a microsecond later. */
export const LONG_EPOCH = 1_767_323_045;

export type LongLedgerOptions = {
  /** Certified by the sample's root, and ended: nothing of the session is unmeasured then. */
  readonly whole?: boolean;
  /** Sees each record: its event id and hash. */
  readonly onRecord?: (eventId: string, hash: string) => void;
};

/** One session of so many records, of one tenant. */
export function longLedger(
  path: string,
  records: number,
  { whole = false, onRecord }: LongLedgerOptions = {},
): string {
  const { tenantId, keyId } = readApiKey(API_KEY);
  const session = createSession({
    tenantId,
    keyId,
    source: 'sdk_node',
    recordKey: recordKey(API_KEY),
    sessionKey: generateKeyPairSync('ed25519').privateKey,
  });
  const common = { evidence: 'observed', trace_origin: 'none' } as const;
  const recorded = { ...common, action_taken: 'RECORDED' } as const;
  const certificate = {
    session_root_key: ROOT_KEY,
    session_root_sig: certifySession(ROOT, tenantId, session.publicKey),
  };
  const start = {
    ...recorded,
    event_type: 'session_start',
    session_public_key: session.publicKey,
    emitter: 'test',
    emitter_version: '1',
    ...(whole ? certificate : {}),
  };
  const end = { ...recorded, event_type: 'session_end', end_reason: 'exit' };
  const event = {
    ...common,
    event_type: 'shield_end',
    action_taken: 'OBSERVED',
    duration_us: 1,
    outcome: 'ok',
  };
  const key = receivedKey(API_KEY);
  const file = openSync(path, 'w');
  let previous = ZERO_HASH;
  let text = '';
  for (let at = 0; at < records; at++) {
    const draft = at === 0 ? start : whole && at === records - 1 ? end : event;
    const sealed = session.seal(draft as RecordDraft, LONG_EPOCH * 1e6 + at);
    onRecord?.(sealed.record.event_id, recordHash(sealed.canonical));
    const line = formatLedgerLine({
      canonical: sealed.canonical,
      recordMac: sealed.mac,
      receivedAt: sealed.record.occurred_at,
      key,
      previous,
    });
    previous = line.receivedMac;
    text += `${line.text}\n`;
    if (at % 1000 === 999 || at === records - 1) {
      writeSync(file, text);
      text = '';
    }
  }
  closeSync(file);
  return path;
}
