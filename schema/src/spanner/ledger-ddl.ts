import { MAX_RECORD_BYTES } from '../read-record.ts';
import { conditionOf, generatedColumns, generatedConditions, schemaOf } from './column-ddl.ts';
import { columnName } from './ledger-columns.ts';

const form = (name: string, field: string): string | undefined =>
  conditionOf(name, schemaOf(field));
const hex = (name: string, digits: number): string =>
  `REGEXP_CONTAINS(${name}, r'^[0-9a-f]{${digits}}$')`;
const all = (name: string, conditions: readonly (string | undefined)[]): string =>
  `CONSTRAINT ${name} CHECK (\n    ${conditions.join('\n    AND ')}\n  )`;
const list = (lines: readonly string[]): string => lines.map((line) => `  ${line},\n`).join('');

/** `schema/spanner_ledger.ddl`: GoogleSQL, in numbered migrations. What has been applied anywhere is never edited. */
export const ledgerDdl =
  (): string => `-- Made by \`npm run generate -w schema\`; edit schema/src/spanner/.
-- Numbered and forward-only: a change is a new migration at the end, never an edit of one above.

-- migration 1: the ledger

-- What was signed, as it was signed. Rows are only ever inserted; no row-deletion policy stands here, and none may.
-- The key spreads tenants and traces over splits, reads a trace in one range, makes a redelivery collide with itself
-- (ALREADY_EXISTS), and shows two records that claim one event id side by side.
CREATE TABLE TrueTimeLedger (
  TenantId STRING(63) NOT NULL,
  -- The trace; of a record of no trace its session, so that these do not all go to one place.
  TraceId STRING(32) NOT NULL,
  EventId STRING(36) NOT NULL,
  RecordHash STRING(64) NOT NULL,
  -- Canonical bytes (RFC 8785), ASCII. A JSON column would re-order the members.
  Record STRING(${MAX_RECORD_BYTES}) NOT NULL,
  RecordMac STRING(64) NOT NULL,
  -- When ingest took it, by ingest's clock.
  ReceivedAt TIMESTAMP NOT NULL,
  -- Spanner's own. Writers give the placeholder only: a literal of the past would be taken.
  CommitTimestamp TIMESTAMP NOT NULL OPTIONS (allow_commit_timestamp = true),
  CommitShard INT64 NOT NULL AS (FARM_FINGERPRINT(RecordHash) & 15) STORED,
${list(generatedColumns())}  -- The key columns are the record's own, and the hash is its hash, whoever inserts it.
  ${all('KeyIsTheRecords', [
    "TenantId = IFNULL(JSON_VALUE(Record, '$.tenant_id'), '')",
    "TraceId = COALESCE(JSON_VALUE(Record, '$.trace_id'), JSON_VALUE(Record, '$.session_id'), '')",
    "EventId = IFNULL(JSON_VALUE(Record, '$.event_id'), '')",
    "RecordHash = TO_HEX(SHA256(CONCAT(b'vantio/record/v1\\x00', CAST(Record AS BYTES))))",
  ])},
  -- The alphabets, lists and bounds of record.md, for what else may ever be given the right to insert.
  ${all('FieldsAreInTheirAlphabets', [
    "IFNULL(JSON_VALUE(Record, '$.v'), '') = '1'",
    ...['tenant_id', 'trace_id', 'event_id'].map((field) =>
      conditionOf(columnName(field), schemaOf(field)),
    ),
    hex('RecordMac', 64),
    ...generatedConditions(),
  ])}
) PRIMARY KEY (TenantId, TraceId, EventId, RecordHash);

-- Commit order without a hot spot: sixteen ranges, each in time.
CREATE INDEX LedgerByCommit ON TrueTimeLedger (CommitShard, CommitTimestamp);

-- The same within a session: gaps, conflicts, heads.
CREATE INDEX LedgerBySession ON TrueTimeLedger (TenantId, SessionId, Seq);

-- Values behind commitments: stored apart, erasable, never in a tile.
CREATE TABLE Disclosures (
  TenantId STRING(63) NOT NULL,
  TraceId STRING(32) NOT NULL,
  EventId STRING(36) NOT NULL,
  RecordHash STRING(64) NOT NULL,
  Field STRING(32) NOT NULL,
  Salt STRING(64) NOT NULL,
  Value STRING(4096) NOT NULL,
  CommitTimestamp TIMESTAMP NOT NULL OPTIONS (allow_commit_timestamp = true),
  ${all('DisclosuresForm', [form('TenantId', 'tenant_id'), form('TraceId', 'trace_id'), form('EventId', 'event_id'), hex('RecordHash', 64), hex('Salt', 64), form('Field', 'subject_field')])}
) PRIMARY KEY (TenantId, TraceId, EventId, RecordHash, Field);

-- One row a version, inserted and never changed.
CREATE TABLE Policies (
  TenantId STRING(63) NOT NULL,
  PolicyVersion INT64 NOT NULL,
  Document STRING(MAX) NOT NULL,
  PolicySha256 STRING(64) NOT NULL AS (TO_HEX(SHA256(CAST(Document AS BYTES)))) STORED,
  SignerId STRING(8),
  Signature STRING(128),
  CommitTimestamp TIMESTAMP NOT NULL OPTIONS (allow_commit_timestamp = true),
  ${all('PoliciesForm', [form('TenantId', 'tenant_id'), form('PolicyVersion', 'policy_version'), form('SignerId', 'signer_id'), hex('Signature', 128)])}
) PRIMARY KEY (TenantId, PolicyVersion);

-- Who may do what: one row for each change, the newest counts; a removal is a row too.
CREATE TABLE Members (
  TenantId STRING(63) NOT NULL,
  MemberId STRING(32) NOT NULL,
  CommitTimestamp TIMESTAMP NOT NULL OPTIONS (allow_commit_timestamp = true),
  MemberRole STRING(32),
  ${all('MembersForm', [form('TenantId', 'tenant_id'), form('MemberId', 'member_id'), form('MemberRole', 'member_role')])}
) PRIMARY KEY (TenantId, MemberId, CommitTimestamp DESC);

-- Signed tree heads, as they were published.
CREATE TABLE Checkpoints (
  TenantId STRING(63) NOT NULL,
  TreeSize INT64 NOT NULL,
  RootHash STRING(64) NOT NULL,
  Note STRING(MAX) NOT NULL,
  CommitTimestamp TIMESTAMP NOT NULL OPTIONS (allow_commit_timestamp = true),
  ${all('CheckpointsForm', [form('TenantId', 'tenant_id'), form('TreeSize', 'tree_size'), hex('RootHash', 64)])}
) PRIMARY KEY (TenantId, TreeSize);

-- For exports: every inserted row, whole, for seven days.
CREATE CHANGE STREAM LedgerExports FOR TrueTimeLedger
  OPTIONS (retention_period = '7d', value_capture_type = 'NEW_ROW');

-- Which migrations this database has, and the SHA-256 of their text.
CREATE TABLE Migrations (
  Number INT64 NOT NULL,
  Sha256 STRING(64) NOT NULL,
  AppliedAt TIMESTAMP NOT NULL OPTIONS (allow_commit_timestamp = true)
) PRIMARY KEY (Number);

-- migration 2: imports

-- A line of an imported ledger file, as it stood there: with the record that it names, every byte of it. What orders the
-- lines is their file, and what shows it is ReceivedMac, which chains each to the one before.
CREATE TABLE ImportedLines (
  TenantId STRING(63) NOT NULL,
  -- received_mac of the first line of the chain: whoever has the file can tell it, and nobody can choose it.
  ChainId STRING(64) NOT NULL,
  -- From 1, across rotated files. The lines between belong to other tenants.
  LineNumber INT64 NOT NULL,
  -- In the key, so that files that part ways, as one and its restored copy do, stand side by side.
  ReceivedMac STRING(64) NOT NULL,
  TraceId STRING(32) NOT NULL,
  EventId STRING(36) NOT NULL,
  RecordHash STRING(64) NOT NULL,
  -- Of this line: a record that two writers took stands in two lines, and once in the ledger.
  ReceivedAt TIMESTAMP NOT NULL,
  -- When Spanner committed it. Equal to the record's CommitTimestamp if it came by this line.
  ImportedAt TIMESTAMP NOT NULL OPTIONS (allow_commit_timestamp = true),
  ${all('ImportedLinesForm', [form('TenantId', 'tenant_id'), hex('ChainId', 64), 'LineNumber >= 1', form('TraceId', 'trace_id'), form('EventId', 'event_id'), hex('RecordHash', 64), hex('ReceivedMac', 64)])}
) PRIMARY KEY (TenantId, ChainId, LineNumber, ReceivedMac);

-- That a tenant's lines of a chain are all there up to one, and the \`import\` record that says so, if a key for it was given.
CREATE TABLE Imports (
  TenantId STRING(63) NOT NULL,
  ChainId STRING(64) NOT NULL,
  -- Lines of the chain, of all tenants.
  ChainLines INT64 NOT NULL,
  -- received_mac of the last of them.
  ChainHead STRING(64) NOT NULL,
  -- Lines of this tenant among them.
  TenantLines INT64 NOT NULL,
  RecordHash STRING(64),
  ImportedAt TIMESTAMP NOT NULL OPTIONS (allow_commit_timestamp = true),
  ${all('ImportsForm', [form('TenantId', 'tenant_id'), hex('ChainId', 64), 'ChainLines >= 1', hex('ChainHead', 64), 'TenantLines BETWEEN 1 AND ChainLines', hex('RecordHash', 64)])}
) PRIMARY KEY (TenantId, ChainId, ChainLines, ChainHead);

-- migration 3: the log

-- Commit order within a tenant: what is to be sealed next. Its key begins with the tenant, so its ends are as many as tenants.
CREATE INDEX LedgerByTenant ON TrueTimeLedger (TenantId, CommitTimestamp);

-- Which committed row is which leaf of its tenant's log. An insert that finds its index taken lost to another sealer, and one
-- whose row is a leaf already is refused by the index below: an order that was given is never given again.
CREATE TABLE Leaves (
  TenantId STRING(63) NOT NULL,
  -- From 0, without a gap; the newest first in the key, for that is where the next one goes.
  LeafIndex INT64 NOT NULL,
  TraceId STRING(32) NOT NULL,
  EventId STRING(36) NOT NULL,
  RecordHash STRING(64) NOT NULL,
  -- The row's, which orders it.
  CommitTimestamp TIMESTAMP NOT NULL,
  SealedAt TIMESTAMP NOT NULL OPTIONS (allow_commit_timestamp = true),
  ${all('LeavesForm', [form('TenantId', 'tenant_id'), 'LeafIndex BETWEEN 0 AND 9007199254740990', form('TraceId', 'trace_id'), form('EventId', 'event_id'), hex('RecordHash', 64)])}
) PRIMARY KEY (TenantId, LeafIndex DESC);

-- One row, one leaf. In this order, so that an event's leaf is found by its id.
CREATE UNIQUE INDEX LeafOfRecord ON Leaves (TenantId, EventId, RecordHash, TraceId);

-- The newest first.
CREATE INDEX CheckpointsNewest ON Checkpoints (TenantId, TreeSize DESC);

-- Signature lines of witnesses under checkpoints. The first of a witness stands.
CREATE TABLE Cosignatures (
  TenantId STRING(63) NOT NULL,
  TreeSize INT64 NOT NULL,
  -- Name and key id, as they stand in the line.
  Witness STRING(300) NOT NULL,
  Line STRING(8192) NOT NULL,
  CommitTimestamp TIMESTAMP NOT NULL OPTIONS (allow_commit_timestamp = true),
  ${all('CosignaturesForm', [form('TenantId', 'tenant_id'), form('TreeSize', 'tree_size')])}
) PRIMARY KEY (TenantId, TreeSize DESC, Witness);

-- migration 4: spend

-- What is spent and leased of one cap in one window over one subject. No record: it is written over, and forgotten after its window.
CREATE TABLE SpendBuckets (
  TenantId STRING(63) NOT NULL,
  -- A hash of all three.
  BucketId STRING(32) NOT NULL,
  -- JSON, as schema/src/spend/bucket.ts has it.
  State STRING(MAX) NOT NULL,
  EndsAt TIMESTAMP NOT NULL,
  ${all('SpendBucketsForm', [form('TenantId', 'tenant_id'), hex('BucketId', 32)])}
) PRIMARY KEY (TenantId, BucketId);

-- Windows that ended, to be forgotten.
CREATE INDEX SpendBucketsByEnd ON SpendBuckets (TenantId, EndsAt);

-- migration 5: records of leases

-- Records of leases that were granted, on their way to the ledger: written with the grant, taken away when Pub/Sub has them.
CREATE TABLE LeaseRecords (
  -- They are a session of their own.
  SessionId STRING(32) NOT NULL,
  -- Envelopes, one a line.
  Lines STRING(MAX) NOT NULL,
  CommitTimestamp TIMESTAMP NOT NULL OPTIONS (allow_commit_timestamp = true),
  ${all('LeaseRecordsForm', [hex('SessionId', 32)])}
) PRIMARY KEY (SessionId);

-- migration 6: keys of the log

-- Size of the tree that a checkpoint goes on from; 0: it is the first. Rows from before, and one that was put back, have none.
ALTER TABLE Checkpoints ADD COLUMN PreviousSize INT64;

-- Checkpoints follow each other: of two sealers that go on from one, one publishes, whoever signs for it.
CREATE UNIQUE NULL_FILTERED INDEX CheckpointsInTurn ON Checkpoints (TenantId, PreviousSize);

-- That the sealer put a record about a key of a tenant's log into its ledger: in the commit of that record, so it is said once.
CREATE TABLE SignerRecords (
  TenantId STRING(63) NOT NULL,
  EventType STRING(32) NOT NULL,
  SignerId STRING(8) NOT NULL,
  -- The empty text where no key takes over.
  NextSignerId STRING(8) NOT NULL,
  -- Of the newest checkpoint when it was said: one that was sealed without the next key is said again.
  AfterSize INT64 NOT NULL,
  TraceId STRING(32) NOT NULL,
  EventId STRING(36) NOT NULL,
  RecordHash STRING(64) NOT NULL,
  CommitTimestamp TIMESTAMP NOT NULL OPTIONS (allow_commit_timestamp = true),
  ${all('SignerRecordsForm', [form('TenantId', 'tenant_id'), "EventType IN ('signer_rotated', 'signer_revoked')", form('SignerId', 'signer_id'), "REGEXP_CONTAINS(NextSignerId, r'^([0-9a-f]{8})?$')", 'AfterSize BETWEEN 0 AND 9007199254740991', form('TraceId', 'trace_id'), form('EventId', 'event_id'), hex('RecordHash', 64)])}
) PRIMARY KEY (TenantId, EventType, SignerId, NextSignerId, AfterSize);

-- Rotation notes, as the buckets have them: with a row, a key has handed over.
CREATE TABLE Rotations (
  TenantId STRING(63) NOT NULL,
  -- From 1, without a gap.
  Number INT64 NOT NULL,
  TreeSize INT64 NOT NULL,
  -- Raw public keys: the one that hands over, and the one that takes over.
  FromKey STRING(64) NOT NULL,
  ToKey STRING(64) NOT NULL,
  Note STRING(MAX) NOT NULL,
  CommitTimestamp TIMESTAMP NOT NULL OPTIONS (allow_commit_timestamp = true),
  ${all('RotationsForm', [form('TenantId', 'tenant_id'), 'Number >= 1', form('TreeSize', 'tree_size'), hex('FromKey', 64), hex('ToKey', 64)])}
) PRIMARY KEY (TenantId, Number);
`;
