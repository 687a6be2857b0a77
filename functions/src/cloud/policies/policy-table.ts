import type { Database } from '@google-cloud/spanner';
import { PolicyError } from '@vantio/schema/policy/policy-error';
import { type PolicyEnvelope, readEnvelope } from '@vantio/schema/policy/signed-policy';

/** A version of a tenant's policy as the database lists it. */
export type PolicyRow = {
  readonly version: number;
  readonly mode: string;
  readonly sha256: string;
  readonly signerId?: string;
  /** RFC 3339, UTC, of the commit. */
  readonly publishedAt: string;
};

const LIST = `SELECT PolicyVersion, PolicySha256, SignerId, CommitTimestamp,
  IFNULL(JSON_VALUE(Document, '$.mode'), 'enforce') AS Mode
FROM Policies WHERE TenantId = @tenantId ORDER BY PolicyVersion`;
const NEWEST = `SELECT PolicyVersion, Document, SignerId, Signature
FROM Policies WHERE TenantId = @tenantId ORDER BY PolicyVersion DESC LIMIT 1`;
const ONE = `SELECT Document, SignerId, Signature, PolicyVersion
FROM Policies WHERE TenantId = @tenantId AND PolicyVersion = @version`;

/** Characters that a STRING of Spanner holds. */
const MAX_CHARACTERS = 2_621_440;
const TIMEOUT_MILLIS = 10_000;

type Stored = {
  readonly Document: string;
  readonly SignerId: string | null;
  readonly Signature: string | null;
};

/** The text that was published: the columns are its parts. */
const envelopeText = (tenantId: string, { Document, SignerId, Signature }: Stored): string =>
  SignerId === null || Signature === null
    ? `{"policy":${Document},"tenant_id":"${tenantId}"}`
    : `{"policy":${Document},"signature":"${Signature}","signer_id":"${SignerId}","tenant_id":"${tenantId}"}`;

/** @returns the newest envelope of a tenant, or that of a version; undefined: there is none. */
export async function readPolicy(
  database: Database,
  tenantId: string,
  version?: number,
): Promise<string | undefined> {
  const [[row]] = await database.run({
    sql: version === undefined ? NEWEST : ONE,
    params: { tenantId, ...(version === undefined ? {} : { version }) },
    json: true,
    gaxOptions: { timeout: TIMEOUT_MILLIS },
  });
  return row === undefined ? undefined : envelopeText(tenantId, row as Stored);
}

/** The versions of a tenant, oldest first. */
export async function listPolicyRows(
  database: Database,
  tenantId: string,
): Promise<readonly PolicyRow[]> {
  const [rows] = await database.run({ sql: LIST, params: { tenantId }, json: true });
  return (rows as unknown as readonly ListedRow[]).map((row) => ({
    version: Number(row.PolicyVersion),
    mode: row.Mode,
    sha256: row.PolicySha256,
    publishedAt: row.CommitTimestamp.toISOString(),
    ...(row.SignerId === null ? {} : { signerId: row.SignerId }),
  }));
}

type ListedRow = {
  readonly PolicyVersion: number | string;
  readonly PolicySha256: string;
  readonly SignerId: string | null;
  readonly CommitTimestamp: Date;
  readonly Mode: string;
};

/**
 * Inserts a version. One that is there with the same bytes is left as it is, so that a publication that was broken off can be
 * run again.
 * @param text its envelope.
 * @throws {PolicyError} for a version that is not above the newest, and for one that is too large for a column.
 */
export async function insertPolicy(database: Database, text: string): Promise<PolicyEnvelope> {
  const envelope = readEnvelope(text);
  const { canonical, tenantId, signed, policy } = envelope;
  if (canonical.length > MAX_CHARACTERS)
    throw new PolicyError(
      'too_large',
      '',
      `the policy has more than the ${MAX_CHARACTERS} characters that the database holds: use suffixes and ranges`,
    );
  await database.runTransactionAsync(async (transaction) => {
    const [[newest]] = await transaction.run({
      sql: NEWEST,
      params: { tenantId },
      json: true,
    });
    const last = newest as (Stored & { readonly PolicyVersion: number | string }) | undefined;
    // Given back at once, or the database holds its locks until it notices.
    if (last !== undefined && envelopeText(tenantId, last) === text) return transaction.rollback();
    if (last !== undefined && policy.version <= Number(last.PolicyVersion)) {
      await transaction.rollback();
      throw new PolicyError(
        'rolled_back',
        'version',
        `is not above ${last.PolicyVersion}, which is published: every change needs a higher version`,
      );
    }
    transaction.insert('Policies', {
      TenantId: tenantId,
      PolicyVersion: policy.version,
      Document: canonical,
      SignerId: signed?.signerId ?? null,
      Signature: signed?.signature ?? null,
      CommitTimestamp: 'spanner.commit_timestamp()',
    });
    await transaction.commit();
  });
  return envelope;
}
