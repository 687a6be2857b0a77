import { microsFromInstant } from './instant.ts';
import type { Receipt } from './receipt.ts';

const SECOND = 1_000_000;
export const LOCAL_ORIGIN = 'vantio.local/';
/** From receipt to checkpoint, at most: schema/log.md, section 4. Microseconds. */
const LOCAL_MERGE = 5 * SECOND;
const CLOUD_MERGE = 600 * SECOND;
/** How far a server's clock may be ahead of another before it is called wrong. */
const SLACK = 300 * SECOND;

export type PromiseFault = {
  readonly field: 'merge_by' | 'received_at';
  readonly message: string;
};

/**
 * What makes a promise one that nobody could hold its giver to: the time it gives itself.
 * @param now of whoever judges it, in microseconds since the epoch.
 */
export function promiseFault(receipt: Receipt, now: number): PromiseFault | undefined {
  const received = microsFromInstant(receipt.received_at);
  const isLocal = receipt.origin.startsWith(LOCAL_ORIGIN);
  if (microsFromInstant(receipt.merge_by) - received > (isLocal ? LOCAL_MERGE : CLOUD_MERGE))
    return {
      field: 'merge_by',
      message: `is more than ${isLocal ? '5 seconds' : '10 minutes'} after received_at, so that the promise binds nobody`,
    };
  if (received > now + SLACK)
    return {
      field: 'received_at',
      message: 'is more than 5 minutes ahead of the clock of this machine',
    };
  return undefined;
}
