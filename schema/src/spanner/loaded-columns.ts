import type { DisclosureRow, ImportedLineRow, LedgerRow } from './ledger-row.ts';

export type LoadedTable = 'TrueTimeLedger' | 'Disclosures' | 'ImportedLines';
export type LoadedColumn = {
  readonly name: string;
  /** As an import manifest names it. */
  readonly type: 'STRING' | 'INT64' | 'TIMESTAMP';
};

const string = <Name extends string>(name: Name) => ({ name, type: 'STRING' }) as const;
const KEY = ['TenantId', 'TraceId', 'EventId', 'RecordHash'].map(string);
const RECEIVED = { name: 'ReceivedAt', type: 'TIMESTAMP' } as const;

/**
 * What files to load hold of each table, in order. Not in them: generated columns, which the database makes, and commit
 * timestamps, which are its own to give. The last of each is never empty, and none is ever null.
 */
export const LOADED_COLUMNS: Readonly<Record<LoadedTable, readonly LoadedColumn[]>> = {
  TrueTimeLedger: [...KEY, string('Record'), string('RecordMac'), RECEIVED],
  Disclosures: [...KEY, string('Field'), string('Value'), string('Salt')],
  ImportedLines: [
    string('TenantId'),
    string('ChainId'),
    { name: 'LineNumber', type: 'INT64' },
    string('ReceivedMac'),
    ...['TraceId', 'EventId', 'RecordHash'].map(string),
    RECEIVED,
  ],
};

export type LoadedRow = {
  readonly TrueTimeLedger: LedgerRow;
  readonly Disclosures: DisclosureRow;
  readonly ImportedLines: ImportedLineRow;
};
