import { columnName, QUERIED_FIELDS } from '../../../schema/src/spanner/ledger-columns.ts';

/** Spanner charges each cell eight bytes beside its data, and integers and timestamps eight and twelve (its docs' figures). */
const CELL = 8;
const NUMBER = 8;
const TIMESTAMP = 12;
const HASH = 64;
const EVENT_ID = 36;

type Fields = Readonly<Record<string, unknown>>;

/**
 * Estimates what a record takes in Spanner, before replication, which the price per GB includes.
 * @param canonical its canonical bytes.
 * @returns bytes of the row, of its entries in the three indexes, and of its leaf in the log, with that one's index.
 */
export function rowBytes(canonical: string): {
  readonly row: number;
  readonly indexes: number;
  readonly leaf: number;
} {
  const fields: Fields = JSON.parse(canonical);
  const tenant = String(fields.tenant_id).length;
  const key = tenant + 32 + EVENT_ID + HASH + 4 * CELL;
  const written = [canonical.length, HASH, TIMESTAMP, TIMESTAMP, NUMBER];
  const generated = QUERIED_FIELDS.flatMap((name) =>
    name in fields ? [cellOf(fields[name])] : [],
  );
  const row = key + sum([...written, ...generated].map((bytes) => bytes + CELL));
  const byCommit = key + NUMBER + TIMESTAMP + 2 * CELL;
  const bySession = key + 32 + NUMBER + 2 * CELL;
  const byTenant = key + TIMESTAMP + CELL;
  const leaf = key + NUMBER + 2 * TIMESTAMP + 3 * CELL;
  const byRecord = key + NUMBER + CELL;
  return { row, indexes: byCommit + bySession + byTenant, leaf: leaf + byRecord };
}

/** Columns that an insert names; each index adds an entry. */
export const WRITTEN_COLUMNS = 8;
export const INDEXES = 3;
export const GENERATED_COLUMNS = QUERIED_FIELDS.map(columnName).length + 1;

const cellOf = (value: unknown): number =>
  typeof value === 'number'
    ? NUMBER
    : String(typeof value === 'object' ? JSON.stringify(value) : value).length;

const sum = (values: readonly number[]): number =>
  values.reduce((total, value) => total + value, 0);
