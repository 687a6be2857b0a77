/** What a person runs against the cloud ledger: `vantio export`, `scripts/migrate`. */
export { ExportKeyError, exportLedger } from './export/export-ledger.ts';
export { applyRoles } from './spanner/apply-roles.ts';
export { MigrationError, migrate } from './spanner/migrate.ts';
export { openDatabase } from './spanner/open-database.ts';
