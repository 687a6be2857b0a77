import { createSecretKey, type KeyObject } from 'node:crypto';
import type { AuditRecord } from './record.ts';

/** Chains the lines of an export whose API key nobody keeps (log.md 6): it says nothing of them. */
export const unkeptReceivedKey = (): KeyObject => createSecretKey(Buffer.alloc(32));

const ABOUT_KEYS: readonly string[] = [
  'session_start',
  'signer_rotated',
  'signer_revoked',
  'session_end',
];

/** Whether a record may be of a session in which the sealer says what became of a log's key. */
export const isAboutLogKeys = ({ source, event_type }: AuditRecord): boolean =>
  source === 'control_plane' && ABOUT_KEYS.includes(event_type);
