import type { KeyObject } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import {
  createNoteSigner,
  createNoteVerifier,
  formatVerifierKey,
  rawPublicKey,
} from '@vantio/schema/tlog/note-keys';
import { TlogError } from '@vantio/schema/tlog/tlog-error';
import { openSealer, type SealerOptions } from '../../log/sealer.ts';
import { openLogKey } from '../keys/keymaker.ts';
import { replaceFile, StateDirError } from '../keys/state-dir.ts';
import type { Family } from '../ndjson/family.ts';
import { createDiskLogFiles } from './disk-log-files.ts';
import type { LedgerView } from './ledger-lines.ts';
import { createLedgerSealer } from './ledger-sealer.ts';
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
  const { family, stateDir, ledger, log } = options;
  const privateKey = openLogKey(stateDir);
  const origin = readOrigin(ledger);
  const key = { name: origin, type: 'ed25519', publicKey: rawPublicKey(privateKey) } as const;
  publishVerifierKey(family.verifierKey, `${formatVerifierKey(key)}\n`);
  const parts: SealerOptions = {
    files: createDiskLogFiles(family.log),
    signer: createNoteSigner(origin, privateKey),
    verifier: createNoteVerifier(key),
  };
  await mend(parts, options);
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
  return { ...parts, origin, privateKey, isSound: () => isSound, poke, close };
}

/** The key that readers pin is never replaced behind their back. */
function publishVerifierKey(path: string, text: string): void {
  if (!existsSync(path)) {
    replaceFile(path, text, 0o644);
    return;
  }
  if (readFileSync(path, 'utf8') !== text)
    throw new StateDirError(
      'bad_state',
      `${path} is of another ledger or of another key than log.pem in the state directory. Put the right ones together, or move the .vkey and the .log away to begin a log anew`,
    );
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
