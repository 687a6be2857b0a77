import { existsSync } from 'node:fs';
import { createControlSession } from '../../ingest/control-session.ts';
import type { ControlNote } from '../../ingest/ledger-store.ts';
import { takeLedger } from '../erase/take-ledger.ts';
import { openControlKey, openKeymaker } from '../keys/keymaker.ts';
import { stateFiles } from '../keys/state-dir.ts';
import { type LocalLog, openLocalLog } from '../log/open-local-log.ts';
import { type Family, familyOf } from '../ndjson/family.ts';
import { type NdjsonStore, openNdjsonStore } from '../ndjson/store.ts';
import { LogKeysError } from './log-keys-error.ts';

export type LedgerOptions = {
  /** Its name ends in .ndjson; stands for its whole family. */
  readonly ledgerFile: string;
  readonly stateDir: string;
  readonly log: (message: string, error?: unknown) => void;
};

export type HeldLedger = {
  readonly family: Family;
  readonly store: NdjsonStore;
  /** Puts a record of the control plane in the ledger; it is durable when this resolves. */
  readonly say: (note: ControlNote) => Promise<void>;
};

/**
 * Has a ledger for itself, and seals it at the end with the key that is in charge then.
 * @throws {LogKeysError | EraseError | StateDirError | TlogError}
 */
export async function withLedger<T>(
  { ledgerFile, stateDir, log }: LedgerOptions,
  use: (ledger: HeldLedger) => Promise<T>,
): Promise<T> {
  const family = familyOf(ledgerFile);
  if (!existsSync(family.active))
    throw new LogKeysError('no_ledger', `there is no ledger ${family.active}; check the path`);
  if (!existsSync(stateFiles(stateDir).keymaker))
    throw new LogKeysError(
      'no_state',
      `${stateDir} is no state directory of vantio serve: name its with --state-dir; the keys of the log are in it`,
    );
  const controlKey = openControlKey(stateDir, openKeymaker(stateDir));
  const taken = takeLedger(family);
  let merkleLog: LocalLog | undefined;
  try {
    const { lock } = taken;
    const store = await openNdjsonStore({ outputFile: family.active, controlKey, log, lock });
    try {
      const say = async (note: ControlNote): Promise<void> => {
        const session = createControlSession(controlKey);
        session.start();
        session.say(note);
        session.end({ end_reason: 'shutdown' });
        await store.append(session.offer());
      };
      const done = await use({ family, store, say });
      merkleLog = await openLocalLog({ family, stateDir, ledger: store, log });
      return done;
    } finally {
      await store.close();
      await merkleLog?.close();
    }
  } finally {
    taken.release();
  }
}
