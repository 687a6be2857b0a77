import { type CanonicalValue, canonicalize } from '../canonical.ts';
import { recordHash } from '../hash.ts';
import type { AuditRecord } from '../record.ts';
import { signSession } from '../session-signature.ts';
import { fixedKey } from './fixed-keys.ts';
import { sampleSession } from './sample-session.ts';

/** Ledgers by their records: what an emitter makes of the end of its session, with its own key. */
const open = sampleSession({ ended: false }).map(({ record }) => record);
const at = (seq: number): AuditRecord => open[seq] as AuditRecord;
const hashOf = (record: AuditRecord): string =>
  recordHash(canonicalize(record as unknown as CanonicalValue));

/** A session_end at a place of the sample session, signed by its key. */
function end(seq: number, before: AuditRecord): AuditRecord {
  const { session_sig: _, ...head } = at(4);
  const unsigned = {
    ...head,
    event_type: 'session_end',
    end_reason: 'exit',
    seq,
    prev: hashOf(before),
    event_id: before.event_id.replace(/-700[01]-./, `-7001-${'89ab'[seq % 4]}`),
  } as AuditRecord;
  return { ...unsigned, session_sig: signSession(fixedKey('session'), unsigned) };
}

const first = end(6, at(5));
const second = end(7, first);
const late: AuditRecord = { ...at(5), seq: 7, prev: hashOf(first), event_id: second.event_id };

export const END_LEDGERS: readonly (readonly [string, readonly AuditRecord[]])[] = [
  ['a session_end at a place that is taken, at the end', [...open, end(5, at(4))]],
  ['a session_end at a place that is taken, before others', open.toSpliced(4, 0, end(3, at(2)))],
  ['two ends that the session key signed', [...open, first, second]],
  ['two ends that the session key signed, the later one first', [...open, second, first]],
  ['a record of a place above that of an end that comes late', [...open, late, first]],
];
