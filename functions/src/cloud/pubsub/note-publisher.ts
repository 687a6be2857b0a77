import { createControlSession } from '../../ingest/control-session.ts';
import type { Batch, ControlNote } from '../../ingest/ledger-store.ts';

export type NotePublisherOptions = {
  /** The control plane's own API key; asked for when the first note comes. */
  readonly controlKey: () => Promise<string>;
  readonly publish: (batch: Batch) => Promise<void>;
  readonly onFault: (message: string, error: unknown) => void;
};

const MAX_EARLY = 1000;

/**
 * What this instance has to say of itself, in a session of its own that begins with the first note: most instances never
 * refuse anybody. What could not be published goes with the next note, in its order.
 */
export function createNotePublisher({ controlKey, publish, onFault }: NotePublisherOptions) {
  let session: ReturnType<typeof createControlSession> | undefined;
  const early: ControlNote[] = [];
  let working: Promise<void> | undefined;

  const open = async (): Promise<ReturnType<typeof createControlSession>> => {
    if (session) return session;
    session = createControlSession(await controlKey());
    session.start();
    return session;
  };

  const work = async (): Promise<void> => {
    const { sayIfRoom, isFresh, offer, settle, head } = await open();
    while (early.length > 0 || isFresh()) {
      for (const note of early.splice(0)) sayIfRoom(note);
      head();
      const batch = offer();
      await publish(batch);
      settle(batch);
    }
  };

  const kick = (): void => {
    working ??= work()
      .catch((error: unknown) => onFault('what the control plane has to say waits', error))
      .finally(() => {
        working = undefined;
      });
  };

  return {
    note: (note: ControlNote): void => {
      if (early.length < MAX_EARLY) early.push(note);
      kick();
    },
    /** Finishes what is under way and ends the session, if there is one. */
    close: async (): Promise<void> => {
      await working;
      if (session === undefined) return;
      for (const note of early.splice(0)) session.sayIfRoom(note);
      session.end({ end_reason: 'shutdown' });
      const batch = session.offer();
      await publish(batch);
      session.settle(batch);
    },
  };
}
