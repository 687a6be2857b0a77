import { instantFromMicros } from '@vantio/schema';
import type { LedgerStore } from '../ingest/ledger-store.ts';
import type { Caller } from './doorkeeper.ts';

/** A request with a good key that was refused for how much is sent under it. */
export type RefusedRequest = {
  readonly kind: 'rate' | 'quota';
  readonly caller: Caller;
  /** Events of its batch that the ledger does not hold; absent where the body was refused unread. */
  readonly events?: number;
};

/** To be called when the answer has been given. Returns at once and never throws. */
export type NoteRefusal = (refused: RefusedRequest) => void;

export type RefusalNotesOptions = {
  readonly note: LedgerStore['note'];
  readonly onFault: (message: string, error: unknown) => void;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
};

/** Refusals of one kind under one key since the last of them that was noted. */
type Window = { readonly notedAt: number; held: number; heldSince: number; heldEvents: number };

const WINDOW_MILLIS = 60_000;
/** Kinds and keys that are remembered; while so many were noted within a minute, no further one is. */
const MAX_WINDOWS = 4096;

/**
 * Has refusals for rate and quota recorded. Whoever is refused may ask again a thousand times a second, so of one kind and
 * key one refusal a minute is noted, the first; those held back are counted in the next one that is.
 */
export function createRefusalNotes({
  note,
  onFault,
  now = Date.now,
}: RefusalNotesOptions): NoteRefusal {
  // In the order of `notedAt`.
  const windows = new Map<string, Window>();

  const isOver = ({ notedAt }: Window, at: number): boolean =>
    // A clock that was set back ends a window, too.
    at >= notedAt + WINDOW_MILLIS || at < notedAt;

  const makeRoom = (at: number): boolean => {
    if (windows.size < MAX_WINDOWS) return true;
    for (const [oldest, window] of windows) return isOver(window, at) && windows.delete(oldest);
    return false;
  };

  return ({ kind, caller, events = 0 }) => {
    const { keyId, tenantId } = caller.claims;
    const id = `${kind} ${keyId}`;
    const at = now();
    const window = windows.get(id);
    if (window !== undefined && !isOver(window, at)) {
      if (window.held++ === 0) window.heldSince = at;
      window.heldEvents += events;
      return;
    }
    if (window === undefined && !makeRoom(at)) return;
    windows.delete(id);
    windows.set(id, { notedAt: at, held: 0, heldSince: at, heldEvents: 0 });
    const refused = events + (window?.heldEvents ?? 0);
    // The answer goes out first: it is handed to the socket at the end of this turn.
    setImmediate(() => {
      try {
        note({
          event_type: `${kind}_refused`,
          action_taken: kind === 'rate' ? 'REFUSED_RATE' : 'REFUSED_QUOTA',
          subject_key_id: keyId,
          subject_tenant_id: tenantId,
          ...(refused === 0 ? {} : { lost_events: refused }),
          ...(window === undefined || window.held === 0
            ? {}
            : {
                count: window.held + 1,
                first_at: instantFromMicros(Math.min(window.heldSince, at) * 1000),
                last_at: instantFromMicros(Math.max(window.heldSince, at) * 1000),
              }),
        });
      } catch (error) {
        onFault('a refusal cannot be noted', error);
      }
    });
  };
}
