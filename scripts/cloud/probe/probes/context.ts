import { parseEnvelope } from '@vantio/schema';
import { type LedgerRows, ledgerRows } from '@vantio/schema/spanner/ledger-row';
import { type SealedSession, sealSession } from '../sealed-session.ts';
import { type Grants, readGrants } from '../spanner/grants.ts';
import { createDdlCheck, type DdlCheck } from '../spanner/no-ddl.ts';
import { createPermissionCheck, type PermissionCheck } from '../spanner/no-permissions.ts';
import type { Spanner } from '../spanner/open-spanner.ts';
import { type Control, createControl } from '../spanner/owner-control.ts';
import { type Table, tablesOf } from '../spanner/tables.ts';
import type { Subject } from '../subject.ts';

/** What the probes share. */
export type Context = {
  readonly subject: Subject;
  readonly owner: Spanner;
  readonly grants: Grants;
  readonly tables: readonly Table[];
  readonly control: Control;
  readonly checkDdl: DdlCheck;
  readonly checkPermissions: PermissionCheck;
  /** Rows for the writer to insert itself, and a session to send through the door. */
  readonly rows: readonly LedgerRows[];
  readonly sent: SealedSession;
};

/** @throws {CannotActError} when the owner has no token at all. */
export async function createContext(subject: Subject): Promise<Context> {
  const owner = await subject.spannerAs('owner');
  const now = new Date().toISOString().replace(/Z$/, '000Z');
  const rows = sealSession(subject.apiKey).records.map(({ envelope }) =>
    ledgerRows(parseEnvelope(envelope), now),
  );
  const [first] = rows;
  if (!first) throw new Error('a session without records');
  return {
    subject,
    owner,
    grants: readGrants(subject.rolesDdl),
    tables: tablesOf(first.ledger),
    control: createControl(owner),
    checkDdl: createDdlCheck(owner),
    checkPermissions: createPermissionCheck(owner),
    rows,
    sent: sealSession(subject.apiKey),
  };
}
