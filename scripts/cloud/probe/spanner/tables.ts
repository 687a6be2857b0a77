import type { LedgerRow } from '@vantio/schema/spanner/ledger-row';
import { NOW, type Row } from './values.ts';

/** A table, and requests on it that change nothing even if they are allowed. */
export type Table = {
  readonly name: string;
  /** Names no row. */
  readonly nobody: Row;
  /** A column that is no part of the key, with a value. */
  readonly change: Row;
  /** Complete, and against a CHECK or a column's length: the database takes it from nobody. */
  readonly impossible: Row;
};

const HASH = '0'.repeat(64);
const LONG_PAST = '2001-01-01T00:00:00.000000Z';

/**
 * Every table of schema/spanner_ledger.ddl.
 * @param sealed a record of the throw-away tenant: real, so that nothing but the hash is wrong with the impossible row.
 */
export function tablesOf(sealed: LedgerRow): readonly Table[] {
  const { TenantId, TraceId, EventId } = sealed;
  const event = { TenantId, TraceId, EventId, RecordHash: HASH };
  const noKey = { SignerId: 'nobody', NextSignerId: '', AfterSize: -1 };
  const aboutNoKey = { TenantId, EventType: 'nothing', ...noKey };
  return [
    {
      name: 'TrueTimeLedger',
      nobody: event,
      change: { RecordMac: HASH },
      impossible: { ...sealed, RecordHash: HASH, CommitTimestamp: NOW },
    },
    {
      name: 'Disclosures',
      nobody: { ...event, Field: 'file_path' },
      change: { Value: '' },
      impossible: { ...event, Field: 'no_field', Salt: HASH, Value: '', CommitTimestamp: NOW },
    },
    {
      name: 'Policies',
      nobody: { TenantId, PolicyVersion: 0 },
      change: { Document: '' },
      impossible: { TenantId, PolicyVersion: 0, Document: '{}', CommitTimestamp: NOW },
    },
    {
      name: 'Members',
      nobody: { TenantId, MemberId: 'nobody', CommitTimestamp: LONG_PAST },
      change: { MemberRole: 'none' },
      impossible: { TenantId, MemberId: 'nobody', CommitTimestamp: NOW, MemberRole: 'none' },
    },
    {
      name: 'Checkpoints',
      nobody: { TenantId, TreeSize: -1 },
      change: { Note: '' },
      impossible: { TenantId, TreeSize: -1, RootHash: HASH, Note: '', CommitTimestamp: NOW },
    },
    {
      name: 'Migrations',
      nobody: { Number: -1 },
      change: { Sha256: HASH },
      impossible: { Number: -1, Sha256: `${HASH}0`, AppliedAt: NOW },
    },
    {
      name: 'ImportedLines',
      nobody: { TenantId, ChainId: HASH, LineNumber: 0, ReceivedMac: HASH },
      change: { TraceId },
      impossible: {
        ...{ ...event, ChainId: HASH, LineNumber: 0, ReceivedMac: HASH },
        ReceivedAt: LONG_PAST,
        ImportedAt: NOW,
      },
    },
    {
      name: 'Imports',
      nobody: { TenantId, ChainId: HASH, ChainLines: 0, ChainHead: HASH },
      change: { TenantLines: 0 },
      impossible: {
        ...{ TenantId, ChainId: HASH, ChainLines: 0, ChainHead: HASH },
        TenantLines: 0,
        ImportedAt: NOW,
      },
    },
    {
      name: 'Leaves',
      nobody: { TenantId, LeafIndex: -1 },
      change: { RecordHash: HASH },
      impossible: { ...event, LeafIndex: -1, CommitTimestamp: LONG_PAST, SealedAt: NOW },
    },
    {
      name: 'Cosignatures',
      nobody: { TenantId, TreeSize: -1, Witness: 'nobody' },
      change: { Line: '' },
      impossible: { TenantId, TreeSize: -1, Witness: 'nobody', Line: '', CommitTimestamp: NOW },
    },
    {
      name: 'SpendBuckets',
      nobody: { TenantId, BucketId: 'nobody' },
      change: { State: '' },
      impossible: { TenantId, BucketId: 'nobody', State: '', EndsAt: LONG_PAST },
    },
    {
      name: 'LeaseRecords',
      nobody: { SessionId: 'nobody' },
      change: { Lines: '' },
      impossible: { SessionId: 'nobody', Lines: '', CommitTimestamp: NOW },
    },
    {
      name: 'SignerRecords',
      nobody: aboutNoKey,
      change: { TraceId },
      impossible: { ...event, ...aboutNoKey, CommitTimestamp: NOW },
    },
    {
      name: 'Rotations',
      nobody: { TenantId, Number: -1 },
      change: { Note: '' },
      impossible: {
        ...{ TenantId, Number: -1, TreeSize: 0, FromKey: HASH, ToKey: HASH },
        ...{ Note: '', CommitTimestamp: NOW },
      },
    },
  ];
}
