import type { Spanner, SpannerSession } from '../spanner/open-spanner.ts';

/** Records of one session that the ledger holds, by RecordHash. */
export type LedgerReader = (
  tenantId: string,
  sessionId: string,
) => Promise<ReadonlyMap<string, string>>;

const BY_SESSION = `SELECT RecordHash, Record FROM TrueTimeLedger
  WHERE TenantId = @TenantId AND SessionId = @SessionId`;

/** Reads as the owner, for whom nothing is hidden: what is not found is not there. */
export function createLedgerReader(owner: Spanner): LedgerReader {
  let session: Promise<SpannerSession> | undefined;
  return async (TenantId, SessionId) => {
    session ??= owner.openSession();
    const rows = await (await session).query(BY_SESSION, { TenantId, SessionId });
    return new Map(rows.map(([hash, record]) => [String(hash), String(record)]));
  };
}
