import type { KeyObject } from 'node:crypto';
import { createNoteSigner, createNoteVerifier } from '@vantio/schema/tlog/note-keys';
import { TlogError } from '@vantio/schema/tlog/tlog-error';
import { openSealer, type SealerOptions } from '../../log/sealer.ts';
import type { Family } from '../ndjson/family.ts';
import { createDiskLogFiles } from './disk-log-files.ts';
import type { LedgerView } from './ledger-lines.ts';
import { createLedgerSealer } from './ledger-sealer.ts';
import { type LogIdentity, openLogIdentity } from './log-identity.ts';
import { readOrigin } from './read-origin.ts';
import { rebuildTiles } from './rebuild-tiles.ts';
import { runByClock } from './run-by-clock.ts';

export type LocalLogOptions = {
  readonly family: Family;
  readonly stateDir: string;
  readonly ledger: LedgerView;
  readonly log: (message: string, error?: unknown) => void;
};

export type LocalLog = SealerOptions & {
  readonly origin: string;
  readonly privateKey: KeyObject;
  /** Whether the log is being sealed: what is promised now will be kept. */
  readonly isSound: () => boolean;
  /** Tells that the ledger has grown. Returns at once. */
  readonly poke: () => void;
  /** Seals what is durable, for the last time. */
  readonly close: () => Promise<void>;
};

/** Milliseconds from one checkpoint to the next, at least; a fifth of what a receipt promises. */
const INTERVAL_MILLIS = 1000;
const RETRY_MILLIS = 2000;

/**
 * The Merkle log over a local ledger: its lines are the entries, in their order. It runs by its own clock, behind the back of
 * whoever writes the ledger, and makes again from the ledger what a crash took from it.
 * @throws {StateDirError | TlogError} if the log is of another key or ledger, or the ledger is not what the log says it was.
 */
export async function openLocalLog(options: LocalLogOptions): Promise<LocalLog> {
  const { family, ledger, log } = options;
  const parts = await openLogParts(options);
  let isSound = true;
  const { poke, close } = runByClock({
    run: createLedgerSealer(parts, ledger),
    intervalMillis: INTERVAL_MILLIS,
    retryMillis: RETRY_MILLIS,
    onFault: (error) => {
      isSound = !(error instanceof TlogError);
      log(
        isSound
          ? 'the log cannot be sealed; it is tried again'
          : `the log is sealed no more, and no receipt is given: ${family.log} does not go with the ledger; run vantio verify`,
        error,
      );
      return isSound;
    },
  });
  poke();
  return { ...parts, isSound: () => isSound, poke, close };
}

export type LogParts = SealerOptions & LogIdentity;

/**
 * What a sealer of the log needs; its tiles are sound.
 * @throws {StateDirError | TlogError}
 */
export async function openLogParts(options: LocalLogOptions): Promise<LogParts> {
  const { family, stateDir, ledger } = options;
  const files = createDiskLogFiles(family.log);
  const origin = readOrigin(ledger);
  const verifierKeyFile = family.verifierKey;
  const identity = await openLogIdentity({ origin, stateDir, files, verifierKeyFile });
  const parts = {
    ...identity,
    files,
    signer: createNoteSigner(origin, identity.privateKey),
    verifier: identity.keys.map(createNoteVerifier),
  };
  await mend(parts, options);
  return parts;
}

/** A tile that a crash damaged is made again; a tree that was signed and is not that of the ledger stays refused. */
async function mend(parts: SealerOptions, { family, ledger, log }: LocalLogOptions): Promise<void> {
  try {
    await openSealer(parts);
  } catch (error) {
    const isMendable =
      error instanceof TlogError && ['bad_tile', 'bad_bundle', 'inconsistent'].includes(error.code);
    if (!isMendable) throw error;
    log(`the tiles in ${family.log} are damaged; they are made again from the ledger`, error);
    await rebuildTiles(parts, family.log, ledger);
  }
}
