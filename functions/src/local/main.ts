/** The control plane on one machine, its log, and the keys it lets in: what `vantio serve`, `keys`, `erase` and `convert` call. */

export { RevocationListError, updateRevocationList } from '../door/update-revocation-list.ts';
export type { Selection } from '../erase/selection.ts';
export type { LogFiles } from '../log/log-files.ts';
export { readLastCheckpoint, readTileFile } from '../log/read-log.ts';
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
export { logKeyFile } from './keys/log-key.ts';
export { readSecret, StateDirError, type StateDirErrorCode } from './keys/state-dir.ts';
export { createDiskLogFiles } from './log/disk-log-files.ts';
export { revokeLogKey } from './log-keys/revoke-log-key.ts';
export { rotateLogKey } from './log-keys/rotate-log-key.ts';
export {
  listPolicies,
  type PublishedPolicy,
  publishPolicy,
} from './policy/policy-store.ts';
export { runLocal as main, runLocal } from './run-local.ts';
export { DEFAULT_PORT, type LocalOptions, type LocalServer, startLocal } from './start-local.ts';
