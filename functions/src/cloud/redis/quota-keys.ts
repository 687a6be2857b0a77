import { createHash } from 'node:crypto';
import type { CountRequest } from './monthly-counts.ts';

/** How long Redis keeps what the quota needs: a month's counts, and which batches were counted. */
export const QUOTA_SECONDS = {
  count: 40 * 24 * 3600,
  // Emitters retry from their spool; what waits there for longer is counted again, until the reconciliation.
  batch: 3 * 24 * 3600,
} as const;

/** @param receivedAt RFC 3339. @returns such as 2026-11. */
export const monthOf = (receivedAt: string): string => receivedAt.slice(0, 7);

/** The braces keep a tenant's keys on one node of a cluster. */
export const tenantKeys = (tenantId: string, month: string) => ({
  /** Events counted. */
  count: `vantio:events:{${tenantId}}:${month}`,
  /** Batches that are counted and were not seen in the ledger yet: digest → `events taken-at witness`. */
  pending: `vantio:pending:{${tenantId}}:${month}`,
  /** Of which time (milliseconds since 1970, by Spanner's clock) the ledger was that the count was last held against. */
  reconciled: `vantio:reconciled:{${tenantId}}:${month}`,
});

export const quotaKeys = ({
  tenantId,
  receivedAt,
  hashes,
}: Pick<CountRequest, 'tenantId' | 'receivedAt' | 'hashes'>) => {
  const digest = createHash('sha256').update(hashes.join('')).digest('hex');
  return {
    ...tenantKeys(tenantId, monthOf(receivedAt)),
    digest,
    /** There while the same batch, sent again, is not counted again. */
    batch: `vantio:batch:{${tenantId}}:${digest}`,
  };
};
