import { EXIT } from '../exit-codes.ts';
import type { Fault } from './judge-step.ts';

export type AlarmKind = 'fork' | 'rollback' | 'other_key' | 'other_origin' | 'silence';

/** What was seen, verbatim, so that others can check it without asking the witness. */
export type Alarm = {
  readonly kind: AlarmKind;
  readonly origin: string;
  /** RFC 3339. */
  readonly at: string;
  /** One sentence. */
  readonly says: string;
  /** Verifier keys that the notes were held to. */
  readonly keys: readonly string[];
  /** The last checkpoint that was good, as it was served. */
  readonly seen: string | null;
  /** The checkpoint that was not. Of a silence: one that is signed, and that no proof came for. */
  readonly got: string | null;
  /** The consistency proof that was served between the two: base64, as in RFC 6962. */
  readonly proof?: readonly string[];
  /** Since when nothing good was heard. */
  readonly since?: string;
};

export const ALARM_EXITS: Readonly<Record<AlarmKind, number>> = {
  fork: EXIT.fork,
  rollback: EXIT.rollback,
  other_key: EXIT.otherKey,
  other_origin: EXIT.otherOrigin,
  silence: EXIT.silence,
};

/**
 * Which alarm a fault is when the log itself served the checkpoint. The others may be a portal's answer or half an answer:
 * they count as not heard.
 */
export const ALARM_OF: Readonly<Partial<Record<Fault, AlarmKind>>> = {
  fork: 'fork',
  inconsistent: 'fork',
  rollback: 'rollback',
  other_key: 'other_key',
  other_origin: 'other_origin',
};

export const rfc3339 = (seconds: number): string =>
  new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');
