import type { LedgerRows } from '@vantio/schema/spanner/ledger-row';

/**
 * Spanner takes 80,000 mutations a commit (https://cloud.google.com/spanner/quotas): of an inserted row each column is one,
 * generated or given, and each column of each index entry. Its other bound, 100 MiB with indexes, is out of reach: the rows
 * of one message come from at most 10 MB, and all that is generated from a record is less than three times the record.
 */
const MAX_MUTATIONS = 80_000;
/** Of a row of each table; the test counts them in the DDL. */
export const LEDGER_MUTATIONS = 78;
export const DISCLOSURE_MUTATIONS = 8;

/** Splits records, in order, into what one commit may hold each. */
export function commitsOf(records: readonly LedgerRows[]): readonly (readonly LedgerRows[])[] {
  const commits: LedgerRows[][] = [];
  let mutations = 0;
  for (const record of records) {
    const more = LEDGER_MUTATIONS + record.disclosures.length * DISCLOSURE_MUTATIONS;
    const last = commits.at(-1);
    if (last && mutations + more <= MAX_MUTATIONS) {
      last.push(record);
      mutations += more;
    } else {
      commits.push([record]);
      mutations = more;
    }
  }
  return commits;
}
