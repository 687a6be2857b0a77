/** What a person runs against the cloud ledger: `vantio export`, `vantio import`, `vantio convert`. */
export { type Converted, convertLedger } from './convert/convert-ledger.ts';
export { type ExportedLine, ExportKeyError, exportLedger } from './export/export-ledger.ts';
export { type ImportDatabase, openImportDatabase } from './import/import-database.ts';
export type { ImportEntry } from './import/import-entry.ts';
export {
  type ImportCounts,
  type ImportedLedger,
  ImportRefusedError,
  importLedger,
} from './import/import-ledger.ts';
export { originOf, recordImports } from './import/record-imports.ts';
export { openDatabase } from './spanner/open-database.ts';
