import type { DisclosureRow, LedgerRow, LedgerRows } from '@vantio/schema/spanner/ledger-row';

/** A row as it is committed: the database fills in its own time. */
export type CommittedRow = (LedgerRow | DisclosureRow) & { readonly CommitTimestamp: string };

export type Inserts = {
  readonly TrueTimeLedger: readonly CommittedRow[];
  readonly Disclosures: readonly CommittedRow[];
};

/** Inserts rows in one commit: all of them or none. @returns the commit timestamp: RFC 3339, nine decimals, UTC. */
export type Commit = (inserts: Inserts) => Promise<string>;

/** The placeholder, and nothing else, ever: a literal of the past would be taken. */
const NOW = 'spanner.commit_timestamp()';

export const insertsOf = (records: readonly LedgerRows[]): Inserts => ({
  TrueTimeLedger: records.map(({ ledger }) => ({ ...ledger, CommitTimestamp: NOW })),
  Disclosures: records.flatMap(({ disclosures }) =>
    disclosures.map((row) => ({ ...row, CommitTimestamp: NOW })),
  ),
});
