import type { Database } from '@google-cloud/spanner';
import { formatLogEntry, type LogEntry } from '@vantio/schema/log-entry';
import { type LedgerRow, ledgerRows } from '@vantio/schema/spanner/ledger-row';
import { openCheckpoint } from '@vantio/schema/tlog/checkpoint';
import type { NoteVerifier } from '@vantio/schema/tlog/note';
import { TlogError } from '@vantio/schema/tlog/tlog-error';
import { openTreeEdge } from '@vantio/schema/tlog/tree-edge';
import { leafHash } from '@vantio/schema/tlog/tree-hash';
import { COMMITTED_NOW, insertOnce } from '../spanner/insert-once.ts';
import type { Bucket } from '../storage/bucket.ts';
import { createCheckpoints } from './checkpoints.ts';
import { isSignerRecord, putRotationsBack, putSignerRecordsBack } from './put-keys-back.ts';
import { entryOf, readBundles, type StoredBundle } from './read-bundles.ts';
import { objectName } from './tenant-files.ts';

export type RebuildOptions = {
  readonly database: Database;
  readonly settled: Pick<Bucket, 'read'>;
  readonly moving: Pick<Bucket, 'read'>;
  /** Of the tenant's log. */
  readonly verifier: readonly NoteVerifier[];
  /** Puts back rows of the ledger that are missing, with the commit time that their entry has. Otherwise they are refused. */
  readonly withRows: boolean;
};

export type Rebuilt = {
  /** Leaves that the bundles hold. */
  readonly leaves: number;
  readonly addedLeaves: number;
  readonly addedRows: number;
};

/**
 * Puts the leaves of a tenant's log back from the bundles in its buckets, which are the truth of a log whose database was
 * restored: all of them that are missing, and the checkpoint that was copied. Nothing that stands is changed, so it may be
 * called again, and goes on where it was ended.
 * @throws {TlogError} `inconsistent` if the bundles do not make what was signed, and then nothing was written; or if a leaf or
 * row that is there is another than the bundle has.
 */
export async function rebuildLeaves(options: RebuildOptions, tenantId: string): Promise<Rebuilt> {
  const { database, moving, verifier } = options;
  const note = await moving.read(objectName(tenantId, 'checkpoint'));
  if (note === undefined)
    throw new TlogError('bad_note', `no checkpoint of ${tenantId} was copied into the bucket yet`);
  const { size } = openCheckpoint(Buffer.from(note).toString(), verifier);
  await requireSigned(options, tenantId, size, Buffer.from(note).toString());

  const done = { leaves: 0, addedLeaves: 0, addedRows: 0 };
  const words: LogEntry[] = [];
  for await (const bundle of readBundles(options, tenantId, size)) {
    const { leaves, rows } = await missingOf(options, tenantId, bundle);
    if (rows.length > 0) await insertAll(database, 'TrueTimeLedger', rows);
    if (leaves.length > 0) await insertAll(database, 'Leaves', leaves);
    for (const [at, bytes] of bundle.entries.entries()) {
      const entry = entryOf(tenantId, bytes, bundle.from + at);
      if (isSignerRecord(entry)) words.push(entry);
    }
    done.leaves += bundle.entries.length;
    done.addedLeaves += leaves.length;
    done.addedRows += rows.length;
  }
  await createCheckpoints(database, tenantId).put(note);
  await putRotationsBack(options, tenantId, size);
  await putSignerRecordsBack(database, tenantId, words);
  return done;
}

/** Holds the bundles to the checkpoint that was copied, and to each that the database still has. */
async function requireSigned(
  options: RebuildOptions,
  tenantId: string,
  size: number,
  copied: string,
): Promise<void> {
  const [rows] = await options.database.run({
    sql: 'SELECT TreeSize, Note FROM Checkpoints WHERE TenantId = @tenantId',
    params: { tenantId },
    json: true,
  });
  const signed = new Map([
    ...(rows as unknown as { TreeSize: number; Note: string }[]).map(
      ({ TreeSize, Note }) => [TreeSize, Note] as const,
    ),
  ]);
  const edge = await openTreeEdge(0, () => Promise.reject(new Error('of nothing')));
  const hold = (text: string): void => {
    const { root } = openCheckpoint(text, options.verifier);
    if (Buffer.compare(root, edge.root()) !== 0)
      throw new TlogError(
        'inconsistent',
        `the bundles of ${tenantId} make another tree of ${edge.size()} leaves than was signed`,
      );
  };
  for await (const { from, entries } of readBundles(options, tenantId, size))
    for (const [at, entry] of entries.entries()) {
      entryOf(tenantId, entry, from + at);
      edge.append(leafHash(entry));
      edge.takeFullTiles();
      const own = signed.get(edge.size());
      if (own !== undefined) hold(own);
      if (edge.size() === size) hold(copied);
    }
}

const LEAVES = `SELECT LeafIndex, TraceId, EventId, RecordHash FROM Leaves
  WHERE TenantId = @tenantId AND LeafIndex >= @from AND LeafIndex < @to`;
const ROWS = `SELECT RecordHash, TraceId, EventId, Record, RecordMac,
    FORMAT_TIMESTAMP('%Y-%m-%dT%H:%M:%E6SZ', ReceivedAt, 'UTC') AS Received,
    FORMAT_TIMESTAMP('%Y-%m-%dT%H:%M:%E6SZ', CommitTimestamp, 'UTC') AS Committed
  FROM TrueTimeLedger
  WHERE TenantId = @tenantId AND TraceId IN UNNEST(@traceIds) AND EventId IN UNNEST(@eventIds)
    AND RecordHash IN UNNEST(@hashes)`;

type Key = Pick<LedgerRow, 'TraceId' | 'EventId' | 'RecordHash'>;
type Row = Key & {
  readonly Record: string;
  readonly RecordMac: string;
  readonly Received: string;
  readonly Committed: string;
};

const nameOf = ({ TraceId, EventId, RecordHash }: Key): string =>
  `${TraceId} ${EventId} ${RecordHash}`;

/** What the database lacks of a bundle. */
async function missingOf(
  { database, withRows }: RebuildOptions,
  tenantId: string,
  { from, entries }: StoredBundle,
) {
  const wanted = entries.map((bytes, at) => {
    const { record, canonical, mac, receivedAt, commitTimestamp } = entryOf(
      tenantId,
      bytes,
      from + at,
    );
    const envelope = { record, canonical, mac, disclosures: [] };
    const { ledger } = ledgerRows(envelope, receivedAt);
    return { index: from + at, bytes, ledger, commitTimestamp };
  });
  const ask = async <T>(sql: string, params: Readonly<Record<string, unknown>>) => {
    const [rows] = await database.run({
      sql,
      params: { tenantId, ...params },
      types: { from: 'int64', to: 'int64' },
      json: true,
    });
    return rows as unknown as readonly T[];
  };
  const leaves = new Map(
    (
      await ask<Key & { readonly LeafIndex: number }>(LEAVES, { from, to: from + entries.length })
    ).map((leaf) => [leaf.LeafIndex, nameOf(leaf)]),
  );
  const keys = wanted.map(({ ledger }) => ledger);
  const rows = new Map(
    (
      await ask<Row>(ROWS, {
        traceIds: keys.map(({ TraceId }) => TraceId),
        eventIds: keys.map(({ EventId }) => EventId),
        hashes: keys.map(({ RecordHash }) => RecordHash),
      })
    ).map((row) => [nameOf(row), row]),
  );
  for (const { index, ledger, bytes } of wanted) {
    const name = nameOf(ledger);
    if ((leaves.get(index) ?? name) !== name)
      throw new TlogError('inconsistent', `leaf ${index} of ${tenantId} is of another record`);
    const row = rows.get(name);
    if (row === undefined ? !withRows : textOf(row) !== Buffer.from(bytes).toString())
      throw new TlogError(
        'inconsistent',
        row === undefined
          ? `the ledger has no row of leaf ${index} of ${tenantId}; --rows puts it back`
          : `the row of leaf ${index} of ${tenantId} is not the one that was sealed: its time of commit, or of receipt, is another`,
      );
  }
  return {
    leaves: wanted
      .filter(({ index }) => !leaves.has(index))
      .map(({ index, ledger, commitTimestamp }) => ({
        TenantId: tenantId,
        LeafIndex: index,
        TraceId: ledger.TraceId,
        EventId: ledger.EventId,
        RecordHash: ledger.RecordHash,
        CommitTimestamp: commitTimestamp,
        SealedAt: COMMITTED_NOW,
      })),
    rows: wanted
      .filter(({ ledger }) => !rows.has(nameOf(ledger)))
      .map(({ ledger, commitTimestamp }) => ({ ...ledger, CommitTimestamp: commitTimestamp })),
  };
}

const textOf = ({ Record, RecordMac, Received, Committed }: Row): string =>
  formatLogEntry({
    canonical: Record,
    mac: RecordMac,
    receivedAt: Received,
    commitTimestamp: Committed,
  });

async function insertAll(
  database: Database,
  table: string,
  rows: readonly object[],
): Promise<void> {
  if ((await insertOnce(database, table, rows)) === 'exists')
    throw new TlogError(
      'inconsistent',
      `a row of ${table} is there under another place, or was written meanwhile; stop the sealer and the writer, and try again`,
    );
}
