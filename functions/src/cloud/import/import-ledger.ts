import type { ImportRow } from '@vantio/schema/spanner/ledger-row';
import { type ImportDatabase, lineKey } from './import-database.ts';
import type { ImportEntry } from './import-entry.ts';

export type ImportCounts = {
  /** Lines looked at. */
  readonly lines: number;
  /** Lines that were there already. */
  readonly already: number;
  /** Records that this import put in the ledger. */
  readonly records: number;
  /** Records of new lines that the ledger had by another way; each is there once. */
  readonly duplicates: number;
  readonly disclosures: number;
};

export type ImportedLedger = ImportCounts & {
  /** One for each tenant of each chain; all its lines are there. Their `RecordHash` is still to come. */
  readonly imports: readonly ImportRow[];
};

export type ImportLedgerOptions = {
  readonly database: ImportDatabase;
  /** Lines in file order, chain after chain. */
  readonly entries: Iterable<ImportEntry>;
  /** Looks, and inserts nothing: what would be inserted is counted as if it had been. */
  readonly dryRun?: boolean;
  /** Told after each commit. */
  readonly onProgress?: (counts: ImportCounts) => void;
};

/** The database will not take a line that holds in its file. What was imported before it stays. */
export class ImportRefusedError extends Error {
  override readonly name = 'ImportRefusedError';
  readonly code = 'line_refused';
}

/** A commit stays far below 80,000 mutations and 100 MiB: a record with its columns and index entries is some 70. */
const CHUNK_LINES = 400;
const CHUNK_BYTES = 8 << 20;
const PARTS = 8;

/**
 * Puts the lines of a ledger, and their records and disclosures, in the database: each once, whatever was there before.
 * Commits follow one another in file order, so that commit order is the file's; each holds its lines with their records or
 * nothing, so an import that was broken off anywhere goes on where it was. The disclosures of a record that was there
 * before are left out: they may have been erased since.
 * @throws {ImportRefusedError}; what the database said, when it does not go away; what `entries` throws.
 */
export async function importLedger({
  database,
  entries,
  dryRun = false,
  onProgress = () => {},
}: ImportLedgerOptions): Promise<ImportedLedger> {
  const counts = { lines: 0, already: 0, records: 0, duplicates: 0, disclosures: 0 };
  const imports: ImportRow[] = [];

  const inserted = (of: readonly ImportEntry[]): void => {
    counts.records += of.length;
    for (const { rows } of of) counts.disclosures += rows.disclosures.length;
  };

  const insert = async (chunk: readonly ImportEntry[]): Promise<void> => {
    if (chunk.length === 0) return;
    const outcome = dryRun ? 'inserted' : await database.insert(insertsOf(chunk));
    if (outcome === 'inserted') return inserted(chunk);
    if (chunk.length === 1 && chunk[0] !== undefined)
      return outcome === 'refused' ? refuse(chunk[0]) : insertApart(chunk[0]);
    const size = Math.ceil(chunk.length / PARTS);
    for (let from = 0; from < chunk.length; from += size)
      await insert(chunk.slice(from, from + size));
  };

  /** The record is there, by another line or by ingest; or, if somebody imports the same at the same time, all is. */
  const insertApart = async ({ rows, line }: ImportEntry): Promise<void> => {
    const record = await database.insert({ records: [{ ...rows, disclosures: [] }] });
    if (record === 'refused') return refuse({ rows, line });
    if (record === 'inserted') {
      counts.records++;
      for (const disclosure of rows.disclosures)
        if ((await database.insert({ disclosures: [disclosure] })) === 'inserted')
          counts.disclosures++;
    } else counts.duplicates++;
    if ((await database.insert({ lines: [line] })) === 'refused') refuse({ rows, line });
  };

  const store = async (chunk: readonly ImportEntry[]): Promise<void> => {
    const there = await database.linesThere(chunk.map(({ line }) => line));
    const missing = chunk.filter(({ line }) => !there.has(lineKey(line)));
    counts.already += chunk.length - missing.length;
    await insert(missing);
    counts.lines += chunk.length;
    onProgress({ ...counts });
  };

  for (const chunk of chunksOf(entries, imports)) await store(chunk);
  return { ...counts, imports };
}

const insertsOf = (chunk: readonly ImportEntry[]) => ({
  records: chunk.map(({ rows }) => rows),
  lines: chunk.map(({ line }) => line),
});

function refuse({ line }: ImportEntry): never {
  throw new ImportRefusedError(
    `the database refuses line ${line.LineNumber} of chain ${line.ChainId}: its migrations and this program are not of one version`,
  );
}

/** Consecutive lines of one chain. Adds to `imports` what each chain was found to hold, once it ends. */
function* chunksOf(
  entries: Iterable<ImportEntry>,
  imports: ImportRow[],
): Generator<readonly ImportEntry[]> {
  let chunk: ImportEntry[] = [];
  let bytes = 0;
  let tenants = new Map<string, number>();

  const endChain = (): void => {
    const last = chunk.at(-1)?.line;
    if (last === undefined) return;
    for (const [TenantId, TenantLines] of tenants)
      imports.push({
        TenantId,
        ChainId: last.ChainId,
        ChainLines: last.LineNumber,
        ChainHead: last.ReceivedMac,
        TenantLines,
        RecordHash: null,
      });
    tenants = new Map();
  };

  for (const entry of entries) {
    const last = chunk.at(-1)?.line;
    const isOther = last !== undefined && last.ChainId !== entry.line.ChainId;
    if (isOther) endChain();
    if (isOther || chunk.length >= CHUNK_LINES || bytes >= CHUNK_BYTES) {
      yield chunk;
      chunk = [];
      bytes = 0;
    }
    chunk.push(entry);
    bytes += sizeOf(entry);
    const { TenantId } = entry.line;
    tenants.set(TenantId, (tenants.get(TenantId) ?? 0) + 1);
  }
  endChain();
  if (chunk.length > 0) yield chunk;
}

const sizeOf = ({ rows }: ImportEntry): number =>
  rows.disclosures.reduce((sum, { Value }) => sum + Value.length * 3, rows.ledger.Record.length);
