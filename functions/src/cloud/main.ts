/** What a person runs against the cloud: `vantio export`, `vantio dlq`, `scripts/migrate`. */
export type { Letter, LetterFilter } from './dlq/letter.ts';
export { listLetters } from './dlq/list-letters.ts';
export { LEASE_SECONDS, openSubscriber, type Subscriber } from './dlq/open-subscriber.ts';
export { ReplayRecordError, recordReplays } from './dlq/record-replays.ts';
export { type ReplayOutcome, replayLetters } from './dlq/replay-letters.ts';
export { ExportKeyError, exportLedger } from './export/export-ledger.ts';
export { openTopic } from './pubsub/open-topic.ts';
export { applyRoles } from './spanner/apply-roles.ts';
export { MigrationError, migrate } from './spanner/migrate.ts';
export { openDatabase } from './spanner/open-database.ts';
