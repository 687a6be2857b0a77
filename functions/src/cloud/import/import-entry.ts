import type { ImportedLineRow, LedgerRows } from '@vantio/schema/spanner/ledger-row';

/** One line of a ledger file, checked, as the rows that it becomes. */
export type ImportEntry = {
  readonly rows: LedgerRows;
  readonly line: ImportedLineRow;
};
