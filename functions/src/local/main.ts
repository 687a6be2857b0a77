/** The control plane on one machine, and the keys it lets in: what `vantio serve` and `vantio keys` call. */
export { RevocationListError, updateRevocationList } from '../door/update-revocation-list.ts';
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
