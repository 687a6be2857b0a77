import { microsFromInstant } from '../../instant.ts';
import type { Receipt } from '../../receipt.ts';
import type { AuditRecord } from '../../record.ts';
import type { Place } from '../finding.ts';
import type { Report } from './log-files.ts';
import { createRecordIndex } from './record-index.ts';
import type { WitnessTimes } from './witness-times.ts';

export type PromiseCounts = {
  readonly kept: number;
  readonly broken: number;
  readonly unmeasured: number;
};

type Promised = {
  readonly place: Place;
  readonly tenantId: string;
  /** Seconds since the epoch. */
  readonly mergeBy: number;
  readonly receivedAt: string;
  /** Of the key that signed it. */
  readonly keyId: string;
  /** Records that were not met. */
  missing: number;
  /** The last leaf of its records. */
  last: number;
  /** It is wrong, and was told: nothing more is. */
  isFaulty: boolean;
};

/** Holds receipts to the leaves as they come by. Memory grows with the records that receipts name: 64 bytes or so for each. */
export function createPromises(report: Report) {
  const promises: Promised[] = [];
  const index = createRecordIndex();

  /** @param receipt whose signature holds under the key of that id. */
  const add = (receipt: Receipt, place: Place, keyId: string): void => {
    const at = promises.length;
    promises.push({
      place,
      tenantId: receipt.tenant_id,
      mergeBy: microsFromInstant(receipt.merge_by) / 1e6,
      receivedAt: receipt.received_at,
      keyId,
      missing: receipt.events.length,
      last: -1,
      isFaulty: false,
    });
    for (const { event_id, record_hash } of receipt.events) index.add(record_hash, event_id, at);
  };

  /** A record stands at a leaf, or will: at this place of the ledger. */
  const meet = (record: AuditRecord, hash: string, leaf: number): void => {
    for (const { value, eventId } of index.take(hash)) {
      const promised = promises[value] as Promised;
      const fault = (field: string, message: string): void => {
        promised.isFaulty = true;
        report({
          check: 'receipt',
          severity: 'wrong',
          ...promised.place,
          eventId: record.event_id,
          field,
          message,
        });
      };
      if (promised.isFaulty) continue;
      if (record.tenant_id !== promised.tenantId)
        fault('tenant_id', 'is not the tenant of the record that the receipt names');
      else if (record.event_id !== eventId)
        fault('event_id', 'is not that of the record whose hash the receipt gives');
      promised.missing--;
      promised.last = Math.max(promised.last, leaf);
    }
  };

  /**
   * @param isWhole whether all lines of the ledger came by; a record that did not is otherwise no word against a promise.
   * @param revokedAt when the log revoked a key; undefined: it did not.
   */
  const judge = (
    times: WitnessTimes,
    isWhole: boolean,
    revokedAt: (keyId: string) => string | undefined,
  ): PromiseCounts => {
    if (!isWhole) return leaveUnmeasured();
    // Instants of the record are of one length: they sort as text.
    for (const { place, keyId, receivedAt } of promises)
      if (receivedAt > (revokedAt(keyId) ?? receivedAt))
        report({
          check: 'receipt',
          severity: 'wrong',
          ...place,
          field: 'received_at',
          message: `is after the log revoked key ${keyId}, which signed the receipt`,
        });
    const counts = { kept: 0, broken: 0, unmeasured: 0 };
    let unwitnessed = 0;
    for (const { place, mergeBy, missing, last, isFaulty } of promises) {
      if (isFaulty) continue;
      const leaf = missing > 0 ? Number.POSITIVE_INFINITY : last;
      const without = times.lastWithout(leaf);
      if (times.firstWith(leaf) <= Math.ceil(mergeBy)) {
        counts.kept++;
        continue;
      }
      const isBroken = without > mergeBy;
      counts[isBroken ? 'broken' : 'unmeasured']++;
      if (!isBroken && missing === 0) unwitnessed++;
      else
        report({
          check: 'receipt',
          severity: isBroken ? 'wrong' : 'unmeasured',
          ...place,
          message: isBroken
            ? `the promise is broken: a witness cosigned a checkpoint after merge_by that lacks ${missing > 0 ? `${missing} of the records` : 'a record'}`
            : `promise unmeasured: ${missing} of its records are not in the ledger, and no witness says whether their time has passed`,
        });
    }
    if (unwitnessed > 0)
      report({
        check: 'receipt',
        severity: 'unmeasured',
        message: `${unwitnessed} ${unwitnessed === 1 ? 'promise is' : 'promises are'} unmeasured: the records are there, but no pinned witness says since when`,
      });
    return counts;
  };

  const leaveUnmeasured = (): PromiseCounts => {
    if (promises.length > 0)
      report({
        check: 'receipt',
        severity: 'unmeasured',
        message:
          'promises unmeasured: there is no sound checkpoint, or the ledger was not given whole',
      });
    return { kept: 0, broken: 0, unmeasured: promises.length };
  };

  return { add, meet, judge, isEmpty: () => promises.length === 0 };
}
