/** The control plane on one machine, and the keys it lets in: what `vantio serve`, `vantio keys` and `vantio erase` call. */

export { RevocationListError, updateRevocationList } from '../door/update-revocation-list.ts';
export type { Selection } from '../erase/selection.ts';
export {
  type EraseOptions,
  type EraseStep,
  type Erasure,
  eraseLocal,
} from './erase/erase-local.ts';
export {
  createKey,
  type IssuedKey,
  type KeyRequest,
  listKeys,
  revokeKey,
} from './keys/api-keys.ts';
export { type Keymaker, openKeymaker } from './keys/keymaker.ts';
export { readSecret, StateDirError, type StateDirErrorCode } from './keys/state-dir.ts';
export { runLocal as main, runLocal } from './run-local.ts';
export { DEFAULT_PORT, type LocalOptions, type LocalServer, startLocal } from './start-local.ts';
