/** What a person runs against the cloud ledger: `vantio export`. */
export { ExportKeyError, exportLedger } from './export/export-ledger.ts';
export { openDatabase } from './spanner/open-database.ts';
