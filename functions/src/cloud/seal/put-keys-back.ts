import type { Database } from '@google-cloud/spanner';
import type { LogEntry } from '@vantio/schema/log-entry';
import { ledgerRows } from '@vantio/schema/spanner/ledger-row';
import { openRotation } from '@vantio/schema/tlog/rotation';
import { TlogError } from '@vantio/schema/tlog/tlog-error';
import { rotationPath } from '../../log/read-rotations.ts';
import { COMMITTED_NOW, insertOnce } from '../spanner/insert-once.ts';
import type { Bucket } from '../storage/bucket.ts';
import { createRotations } from './rotations.ts';
import { objectName } from './tenant-files.ts';

/**
 * Rows of `Rotations` from the notes in the bucket. A key that handed over later than the log that is left took it along: there
 * is no way on then.
 * @param size leaves of the log that is left.
 * @throws {TlogError} `inconsistent`
 */
export async function putRotationsBack(
  { database, settled }: { readonly database: Database; readonly settled: Pick<Bucket, 'read'> },
  tenantId: string,
  size: number,
): Promise<void> {
  const rotations = createRotations(database, tenantId);
  for (let number = 1; ; number++) {
    const note = await settled.read(objectName(tenantId, rotationPath(number)));
    if (note === undefined) return;
    if (openRotation(Buffer.from(note).toString()).head.size > size)
      throw new TlogError(
        'inconsistent',
        `a key of ${tenantId} handed over at a larger tree than was copied: begin the log anew under another name`,
      );
    await rotations.put(number, note);
  }
}

/** Whether the sealer made it: nobody else puts a record of the control plane about a key of the log into a tenant's ledger. */
export const isSignerRecord = ({ record }: LogEntry): boolean =>
  record.source === 'control_plane' &&
  (record.event_type === 'signer_rotated' || record.event_type === 'signer_revoked');

/** Rows of `SignerRecords` that are missing, from the entries that they are of. */
export async function putSignerRecordsBack(
  database: Database,
  tenantId: string,
  entries: readonly LogEntry[],
): Promise<void> {
  const [rows] = await database.run({
    sql: 'SELECT RecordHash FROM SignerRecords WHERE TenantId = @tenantId',
    params: { tenantId },
    json: true,
  });
  const known = new Set(
    (rows as unknown as readonly { readonly RecordHash: string }[]).map((row) => row.RecordHash),
  );
  for (const { record, canonical, mac, receivedAt } of entries) {
    const { ledger } = ledgerRows({ record, canonical, mac, disclosures: [] }, receivedAt);
    if (known.has(ledger.RecordHash)) continue;
    await insertOnce(database, 'SignerRecords', [
      {
        TenantId: tenantId,
        EventType: record.event_type,
        SignerId: record.signer_id,
        NextSignerId: record.next_signer_id ?? '',
        AfterSize: 0,
        TraceId: ledger.TraceId,
        EventId: ledger.EventId,
        RecordHash: ledger.RecordHash,
        CommitTimestamp: COMMITTED_NOW,
      },
    ]);
  }
}
