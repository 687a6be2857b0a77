import { createControlSession } from '../ingest/control-session.ts';
import type { Batch } from '../ingest/ledger-store.ts';
import type { ValueKey } from './selection.ts';

export type Why = {
  /** Machine-readable, in the alphabet of `reason_code`. */
  readonly reasonCode?: string;
  /** Who asked for it, by an opaque id. */
  readonly memberId?: string;
};

/** Values that one batch of records tells of. */
export const TOMBSTONES = 1000;

/** `erasure` records, one for each value, in a session of the control plane. Each batch is settled before the next. */
export function createTombstones(controlKey: string, { reasonCode, memberId }: Why) {
  const session = createControlSession(controlKey);
  session.start();
  return {
    /** Ends in a signed head, so that what was said so far holds whatever comes after it. */
    of: (values: readonly ValueKey[]): Batch => {
      for (const { tenantId, eventId, field } of values)
        session.say({
          event_type: 'erasure',
          action_taken: 'ERASED',
          subject_event_id: eventId,
          subject_field: field,
          subject_tenant_id: tenantId,
          ...(reasonCode === undefined ? {} : { reason_code: reasonCode }),
          ...(memberId === undefined ? {} : { member_id: memberId }),
        });
      session.head();
      return session.offer();
    },
    end: (): Batch => {
      session.end({ end_reason: 'shutdown' });
      return session.offer();
    },
    settle: session.settle,
  };
}

export function* inGroups<T>(items: readonly T[], size: number): Iterable<readonly T[]> {
  for (let at = 0; at < items.length; at += size) yield items.slice(at, at + size);
}
