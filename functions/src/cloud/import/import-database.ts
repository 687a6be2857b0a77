import type { Database, MutationSet } from '@google-cloud/spanner';
import type { DisclosureRow, ImportRow } from '@vantio/schema/spanner/ledger-row';
import { codeOf, GRPC, isTransient } from '../spanner/grpc-status.ts';
import { insertsOf } from '../spanner/insert-rows.ts';
import type { ImportEntry } from './import-entry.ts';

/** What one commit inserts, all of it or nothing. */
export type ImportInserts = {
  readonly records?: readonly ImportEntry['rows'][];
  /** Of records that are there. */
  readonly disclosures?: readonly DisclosureRow[];
  readonly lines?: readonly ImportEntry['line'][];
  readonly imports?: readonly ImportRow[];
};

export type Insertion = 'inserted' | 'exists' | 'refused';

/** What an import asks of the database; the rights of the role `importer` are enough for it. */
export type ImportDatabase = {
  /**
   * Blind inserts in one commit. `exists`: at least one row is there already, and nothing was inserted. `refused`: nor will
   * it ever be. Tries again what may be tried again.
   * @throws what the database says when it does not go away.
   */
  readonly insert: (inserts: ImportInserts) => Promise<Insertion>;
  /** Which of these lines are there, as `lineKey`s. */
  readonly linesThere: (lines: readonly ImportEntry['line'][]) => Promise<ReadonlySet<string>>;
  readonly isComplete: (row: ImportRow) => Promise<boolean>;
};

export const lineKey = ({
  TenantId,
  ChainId,
  LineNumber,
  ReceivedMac,
}: Pick<ImportEntry['line'], 'TenantId' | 'ChainId' | 'LineNumber' | 'ReceivedMac'>): string =>
  `${TenantId} ${ChainId} ${LineNumber} ${ReceivedMac}`;

const NOW = 'spanner.commit_timestamp()';
const DEADLINE_MILLIS = 20_000;
const ATTEMPTS = 8;
const REFUSALS: ReadonlySet<unknown> = new Set([
  GRPC.invalidArgument,
  GRPC.failedPrecondition,
  GRPC.outOfRange,
]);

// Ranges of the primary key, one for each tenant: the optimizer needs no index for it.
const THERE = `SELECT TenantId, ChainId, LineNumber, ReceivedMac FROM ImportedLines
  WHERE TenantId IN UNNEST(@tenantIds) AND ChainId = @chainId AND LineNumber BETWEEN @first AND @last`;
const COMPLETE = `SELECT 1 AS Found FROM Imports
  WHERE TenantId = @tenantId AND ChainId = @chainId AND ChainLines = @chainLines AND ChainHead = @chainHead`;

export async function openImportDatabase(
  database: Database,
  sleep: (millis: number) => Promise<void> = wait,
): Promise<ImportDatabase> {
  const { MutationSet, Spanner } = await import('@google-cloud/spanner');

  const mutationsOf = ({
    records = [],
    disclosures = [],
    lines = [],
    imports = [],
  }: ImportInserts): MutationSet => {
    const mutations = new MutationSet();
    const { TrueTimeLedger, Disclosures } = insertsOf(records);
    const add = (table: string, rows: readonly object[]): void => {
      if (rows.length > 0) mutations.insert(table, [...rows]);
    };
    add('TrueTimeLedger', TrueTimeLedger);
    add('Disclosures', [
      ...Disclosures,
      ...disclosures.map((row) => ({ ...row, CommitTimestamp: NOW })),
    ]);
    add(
      'ImportedLines',
      lines.map((line) => ({
        ...line,
        LineNumber: Spanner.int(line.LineNumber),
        ImportedAt: NOW,
      })),
    );
    add(
      'Imports',
      imports.map((row) => ({
        ...row,
        ChainLines: Spanner.int(row.ChainLines),
        TenantLines: Spanner.int(row.TenantLines),
        ImportedAt: NOW,
      })),
    );
    return mutations;
  };

  const insert = async (inserts: ImportInserts): Promise<Insertion> => {
    for (let attempt = 1; ; attempt++)
      try {
        await database.writeAtLeastOnce(mutationsOf(inserts), { timeout: DEADLINE_MILLIS });
        return 'inserted';
      } catch (error) {
        const code = codeOf(error);
        if (code === GRPC.alreadyExists) return 'exists';
        if (REFUSALS.has(code)) return 'refused';
        if (!isTransient(error) || attempt === ATTEMPTS) throw error;
        await sleep(Math.random() * Math.min(100 * 2 ** attempt, 5000));
      }
  };

  const linesThere = async (lines: readonly ImportEntry['line'][]) => {
    const [first] = lines;
    const last = lines.at(-1);
    if (first === undefined || last === undefined) return new Set<string>();
    const [rows] = await database.run({
      sql: THERE,
      params: {
        tenantIds: [...new Set(lines.map(({ TenantId }) => TenantId))],
        chainId: first.ChainId,
        first: Spanner.int(first.LineNumber),
        last: Spanner.int(last.LineNumber),
      },
      types: { tenantIds: { type: 'array', child: 'string' } },
      json: true,
    });
    return new Set((rows as unknown as readonly ImportEntry['line'][]).map(lineKey));
  };

  const isComplete = async ({
    TenantId,
    ChainId,
    ChainLines,
    ChainHead,
  }: ImportRow): Promise<boolean> => {
    const params = {
      tenantId: TenantId,
      chainId: ChainId,
      chainLines: Spanner.int(ChainLines),
      chainHead: ChainHead,
    };
    const [rows] = await database.run({ sql: COMPLETE, params, json: true });
    return rows.length > 0;
  };

  return { insert, linesThere, isComplete };
}

const wait = (millis: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, millis));
