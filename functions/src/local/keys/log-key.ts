import type { KeyObject } from 'node:crypto';
import { existsSync } from 'node:fs';
import { openSigningKey } from './keymaker.ts';
import { moveFile, stateFiles } from './state-dir.ts';

const LOSS = 'under a new one nobody who pinned the log can check it any more';

/** A state directory may serve several ledgers: they share `log.pem` until the log of one rotates its key. */
const idOf = (origin: string): string => origin.replace(/^.*\//, '');

/**
 * The Ed25519 key that signs a ledger's log; made at first start.
 * @throws {StateDirError} wide_mode, bad_state.
 */
export const openLogKey = (stateDir: string, origin: string): KeyObject =>
  openSigningKey(logKeyFile(stateDir, origin), LOSS);

export function logKeyFile(stateDir: string, origin: string): string {
  const { log, logOf } = stateFiles(stateDir);
  const own = logOf(idOf(origin));
  return existsSync(own) ? own : log;
}

export const hasNextLogKey = (stateDir: string, origin: string): boolean =>
  existsSync(stateFiles(stateDir).nextLogOf(idOf(origin)));

/** The key that a rotation hands over to; made when it is begun. @throws {StateDirError} */
export const openNextLogKey = (stateDir: string, origin: string): KeyObject =>
  openSigningKey(stateFiles(stateDir).nextLogOf(idOf(origin)), LOSS);

/** Puts the next key in the place of the log's key, in one step. A key that only this log had is gone then. */
export function promoteNextLogKey(stateDir: string, origin: string): void {
  const { logOf, nextLogOf } = stateFiles(stateDir);
  moveFile(nextLogOf(idOf(origin)), logOf(idOf(origin)));
}
