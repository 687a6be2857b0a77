import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LOADED_COLUMNS, type LoadedTable } from '@vantio/schema/spanner/loaded-columns';
import type { ImportEntry } from '../import/import-entry.ts';
import { avroEncoder, csvEncoder } from './encoders.ts';
import { openTableFile, type TableFile, type WrittenFile } from './table-file.ts';

export type ConvertFormat = 'csv' | 'avro';

export type ConvertOptions = {
  readonly entries: Iterable<ImportEntry>;
  /** An empty directory. */
  readonly directory: string;
  readonly format: ConvertFormat;
  /** Where the files will lie, such as gs://bucket/folder: a manifest of CSV files names them so. */
  readonly uri: string;
  /**
   * Whether a record may stand in more than one line of its session. Of such sessions the RecordHashes are held; a record
   * is written once, by its first line.
   */
  readonly mayRepeat: (sessionId: string) => boolean;
};

export type Converted = {
  readonly files: readonly (WrittenFile & { readonly table: LoadedTable })[];
  readonly manifest: string;
};

/** Writes a ledger's rows as files that Dataflow's templates load into Spanner, and the manifests that they read. */
export async function convertLedger(options: ConvertOptions): Promise<Converted> {
  const { entries, directory, format, uri, mayRepeat } = options;
  const files = new Map<LoadedTable, TableFile>();
  const write = async (table: LoadedTable, row: object): Promise<void> => {
    let file = files.get(table);
    if (file === undefined) {
      const encoder = format === 'avro' ? avroEncoder(table) : csvEncoder(table);
      file = openTableFile(directory, nameOf(table, format), await encoder);
      files.set(table, file);
    }
    await file.write(row);
  };
  const seen = new Set<string>();
  for (const { rows, line } of entries) {
    await write('ImportedLines', line);
    if (mayRepeat(sessionOf(rows.ledger.Record))) {
      if (seen.has(rows.ledger.RecordHash)) continue;
      seen.add(rows.ledger.RecordHash);
    }
    await write('TrueTimeLedger', rows.ledger);
    for (const disclosure of rows.disclosures) await write('Disclosures', disclosure);
  }
  const written: (WrittenFile & { table: LoadedTable })[] = [];
  for (const [table, file] of files) written.push({ ...(await file.close()), table });
  const manifest =
    format === 'avro' ? writeAvro(directory, written) : writeCsv(directory, written, uri);
  return { files: written, manifest };
}

const nameOf = (table: LoadedTable, format: ConvertFormat): string =>
  format === 'avro' ? `${table}.avro-00000-of-00001` : `${table}.csv`;

const sessionOf = (record: string): string =>
  (JSON.parse(record) as { readonly session_id: string }).session_id;

function writeJson(directory: string, name: string, value: object): string {
  writeFileSync(join(directory, name), `${JSON.stringify(value, null, 2)}\n`, {
    flag: 'wx',
    mode: 0o600,
  });
  return name;
}

/** What the template GCS_Text_to_Cloud_Spanner reads. The columns must be named, for the table has generated ones. */
const writeCsv = (directory: string, files: Converted['files'], uri: string): string =>
  writeJson(directory, 'spanner-manifest.json', {
    tables: files.map(({ table, name }) => ({
      table_name: table,
      file_patterns: [`${uri.replace(/\/$/, '')}/${name}`],
      columns: LOADED_COLUMNS[table].map((column) => ({
        column_name: column.name,
        type_name: column.type,
      })),
    })),
  });

/** What the template GCS_Avro_to_Cloud_Spanner reads; it holds each file to its MD5. */
function writeAvro(directory: string, files: Converted['files']): string {
  for (const { table, name, md5 } of files)
    writeJson(directory, `${table}-manifest.json`, { files: [{ name, md5 }] });
  return writeJson(directory, 'spanner-export.json', {
    tables: files.map(({ table }) => ({ name: table, manifestFile: `${table}-manifest.json` })),
    dialect: 'GOOGLE_STANDARD_SQL',
  });
}
