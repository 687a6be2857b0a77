/** What a person runs against the cloud: `vantio import`, `export`, `convert`, `erase`, `dlq` and `policy`, and `scripts/migrate`. */
export { type Converted, convertLedger } from './convert/convert-ledger.ts';
export type { Letter, LetterFilter } from './dlq/letter.ts';
export { listLetters } from './dlq/list-letters.ts';
export { LEASE_SECONDS, openSubscriber, type Subscriber } from './dlq/open-subscriber.ts';
export { recordReplays } from './dlq/record-replays.ts';
export { type ReplayOutcome, replayLetters } from './dlq/replay-letters.ts';
export { type CloudErasure, eraseCloud } from './erase/erase-cloud.ts';
export { type ExportedLine, ExportKeyError, exportLedger } from './export/export-ledger.ts';
export {
  createLogWriter,
  type LogWriter,
  readSignedLog,
  type SignedLog,
} from './export/export-log.ts';
export { type ImportDatabase, openImportDatabase } from './import/import-database.ts';
export type { ImportEntry } from './import/import-entry.ts';
export {
  type ImportCounts,
  type ImportedLedger,
  ImportRefusedError,
  importLedger,
} from './import/import-ledger.ts';
export { originOf, recordImports } from './import/record-imports.ts';
export { originOf as logOriginOf } from './log-key/log-identity.ts';
export { LogKeyError, openLogKey } from './log-key/open-log-key.ts';
export { listPolicyRows, type PolicyRow, readPolicy } from './policies/policy-table.ts';
export { publishToCloud } from './policies/publish-to-cloud.ts';
export { openTopic } from './pubsub/open-topic.ts';
export { makeReceiptKey } from './receipts/make-receipt-key.ts';
export { type Rebuilt, rebuildLeaves } from './seal/rebuild-leaves.ts';
export { type IngestDoor, NotRecordedError } from './send-control-batch.ts';
export { applyRoles } from './spanner/apply-roles.ts';
export { MigrationError, migrate } from './spanner/migrate.ts';
export { openDatabase } from './spanner/open-database.ts';
export { openBucket } from './storage/open-bucket.ts';
