import type { KeyObject } from 'node:crypto';
import type { Database } from '@google-cloud/spanner';
import { formatLedgerLine, ZERO_HASH } from '@vantio/schema';

export type ExportOptions = {
  readonly database: Database;
  readonly tenantId: string;
  /** Of the tenant's API keys, from `receivedKey()`, by key id: they chain the lines of the file. */
  readonly receivedKeys: ReadonlyMap<string, KeyObject>;
};

/** A record's key was not named; what was written so far is not the ledger. */
export class ExportKeyError extends Error {
  override readonly name = 'ExportKeyError';
  readonly code = 'missing_key';
}

type Row = {
  readonly Record: string;
  readonly RecordMac: string;
  readonly KeyId: string;
  readonly Received: string;
};

// One strong read: everything that was committed before it, and each transaction whole.
const ALL = `SELECT Record, RecordMac, KeyId, FORMAT_TIMESTAMP('%Y-%m-%dT%H:%M:%E6SZ', ReceivedAt) AS Received
  FROM TrueTimeLedger WHERE TenantId = @tenantId
  ORDER BY CommitTimestamp, SessionId, Seq, RecordHash`;

/**
 * A tenant's ledger as a ledger file (record.md), in commit order. The records and their MACs are what the emitters sent;
 * the lines are chained anew, by whoever exports and holds the tenant's keys.
 * @returns lines with their newlines, one a record.
 * @throws {ExportKeyError}
 */
export async function* exportLedger(options: ExportOptions): AsyncGenerator<string> {
  const { database, tenantId, receivedKeys } = options;
  let previous = ZERO_HASH;
  let records = 0;
  const rows = database.runStream({ sql: ALL, params: { tenantId }, json: true });
  for await (const row of rows as AsyncIterable<Row>) {
    const key = receivedKeys.get(row.KeyId);
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
    yield `${line.text}\n`;
    previous = line.receivedMac;
    records++;
  }
}
