import type { Database } from '@google-cloud/spanner';

/** RecordHashes in the ledger of a tenant, in no order; a hash that stands there twice comes twice. */
export async function storedHashes(
  database: Database,
  tenantId: string,
): Promise<readonly string[]> {
  const [rows] = await database.run({
    sql: 'SELECT RecordHash FROM TrueTimeLedger WHERE TenantId = @tenantId ORDER BY RecordHash',
    params: { tenantId },
    json: true,
  });
  return (rows as unknown as readonly { readonly RecordHash: string }[]).map(
    ({ RecordHash }) => RecordHash,
  );
}
