import type { KeyObject } from 'node:crypto';
import type { Database } from '@google-cloud/spanner';
import { type CommittedField, formatLedgerLine, ZERO_HASH } from '@vantio/schema';
import { formatDisclosureLine } from '@vantio/schema/disclosure-line';
import { formatLogEntry } from '@vantio/schema/log-entry';
import { unkeptReceivedKey } from '@vantio/schema/unkept-key';

export type ExportOptions = {
  readonly database: Database;
  readonly tenantId: string;
  /** Of the tenant's API keys, from `receivedKey()`, by key id: they chain the lines of the file. */
  readonly receivedKeys: ReadonlyMap<string, KeyObject>;
  /** `log`: leaves of the tenant's log in their order, then what is none yet. Default: `commit`. */
  readonly order?: 'commit' | 'log';
};

/** A record's key was not named; what was written so far is not the ledger. */
export class ExportKeyError extends Error {
  override readonly name = 'ExportKeyError';
  readonly code = 'missing_key';
}

/**
 * Ids of the keys of the control plane's records about the log's keys, in this tenant's ledger. Each was made for them and kept
 * by nobody: their lines are chained by a key that says nothing, and `vantio verify` calls them unmeasured.
 */
const UNKEPT = `SELECT DISTINCT l.KeyId FROM SignerRecords AS s
  JOIN TrueTimeLedger AS l
    ON l.TenantId = s.TenantId AND l.TraceId = s.TraceId AND l.EventId = s.EventId AND l.RecordHash = s.RecordHash
  WHERE s.TenantId = @tenantId`;

/** One record of an export, as it stands in the files; each line with its newline. */
export type ExportedLine = {
  readonly line: string;
  /** For the disclosures file beside it; those that were erased are missing. */
  readonly disclosures: readonly string[];
  /** What its leaf is of, or will be. */
  readonly entry: string;
};

type Row = {
  readonly EventId: string;
  readonly Record: string;
  readonly RecordMac: string;
  readonly KeyId: string;
  readonly Received: string;
  readonly Committed: string;
  readonly Disclosed: readonly {
    readonly Field: CommittedField;
    readonly Salt: string;
    readonly Value: string;
  }[];
};

const LEAVES = `LEFT JOIN Leaves@{FORCE_INDEX=LeafOfRecord} AS f
    ON f.TenantId = l.TenantId AND f.EventId = l.EventId AND f.RecordHash = l.RecordHash AND f.TraceId = l.TraceId`;

// One strong read: everything that was committed before it, and each transaction whole. What was imported comes in the
// order of its file again: the line that brought a record was committed with it.
const allIn = (
  order: 'commit' | 'log',
): string => `SELECT l.EventId, l.Record, l.RecordMac, l.KeyId,
    FORMAT_TIMESTAMP('%Y-%m-%dT%H:%M:%E6SZ', l.ReceivedAt, 'UTC') AS Received,
    FORMAT_TIMESTAMP('%Y-%m-%dT%H:%M:%E6SZ', l.CommitTimestamp, 'UTC') AS Committed,
    ARRAY(
      SELECT AS STRUCT d.Field, d.Salt, d.Value FROM Disclosures AS d
      WHERE d.TenantId = l.TenantId AND d.TraceId = l.TraceId AND d.EventId = l.EventId AND d.RecordHash = l.RecordHash
      ORDER BY d.Field
    ) AS Disclosed
  FROM TrueTimeLedger AS l
  LEFT JOIN ImportedLines AS i
    ON i.TenantId = l.TenantId AND i.RecordHash = l.RecordHash AND i.ImportedAt = l.CommitTimestamp
      AND i.EventId = l.EventId AND i.TraceId = l.TraceId
  ${order === 'log' ? LEAVES : ''}
  WHERE l.TenantId = @tenantId
  ORDER BY ${order === 'log' ? 'f.LeafIndex IS NULL, f.LeafIndex, ' : ''}l.CommitTimestamp, i.ChainId, i.LineNumber, l.SessionId, l.Seq, l.RecordHash`;

/**
 * A tenant's ledger as a ledger file (record.md), in commit order or in that of its log. The records and their MACs are what the emitters sent;
 * the lines are chained anew, by whoever exports and holds the tenant's keys. Exported, imported into an empty database and
 * exported again, it is the same bytes.
 * @throws {ExportKeyError}
 */
export async function* exportLedger(options: ExportOptions): AsyncGenerator<ExportedLine> {
  const { database, tenantId, receivedKeys, order = 'commit' } = options;
  const noKey = unkeptReceivedKey();
  let previous = ZERO_HASH;
  let records = 0;
  const [unkept] = await database.run({ sql: UNKEPT, params: { tenantId }, json: true });
  const unkeptIds = new Set(
    (unkept as unknown as readonly { readonly KeyId: string }[]).map(({ KeyId }) => KeyId),
  );
  const rows = database.runStream({ sql: allIn(order), params: { tenantId }, json: true });
  for await (const row of rows as AsyncIterable<Row>) {
    const key = receivedKeys.get(row.KeyId) ?? (unkeptIds.has(row.KeyId) ? noKey : undefined);
    if (!key)
      throw new ExportKeyError(
        `record ${records} of the export is under key ${row.KeyId}; name the file that holds it with --key-file`,
      );
    const line = formatLedgerLine({
      canonical: row.Record,
      recordMac: row.RecordMac,
      receivedAt: row.Received,
      key,
      previous,
    });
    yield {
      line: `${line.text}\n`,
      entry: formatLogEntry({
        commitTimestamp: row.Committed,
        receivedAt: row.Received,
        canonical: row.Record,
        mac: row.RecordMac,
      }),
      disclosures: row.Disclosed.map(
        ({ Field: field, Salt: salt, Value: value }) =>
          `${formatDisclosureLine(row.EventId, tenantId, { field, salt, value })}\n`,
      ),
    };
    previous = line.receivedMac;
    records++;
  }
}
