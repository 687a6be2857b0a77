import type { Meter, Reservation } from '@vantio/schema/spend/meter';
import type { SpendRequest } from '@vantio/schema/wire/spend-leases';
import { now } from '../../context/main-realm.ts';

/** A slice of a budget that this process may spend. */
export type Lease = {
  readonly id: string;
  readonly bucket: string;
  readonly meter: Meter;
  /** By the clock of this process that never goes back. */
  readonly expiresAt: number;
  /** Nothing more is taken of it: what was free was given back. */
  isClosed: boolean;
  /** Of what is spent of it, what the control plane has been told. */
  told: number;
};

/** Whether something may still be taken of it. What is taken may end after the lease: it is counted as spent until it is told. */
export const isLive = ({ isClosed, expiresAt }: Lease): boolean => !isClosed && expiresAt > now();

/** Everything of it is spent or given back. */
export const isOver = ({ isClosed, meter }: Lease): boolean => isClosed && meter.reserved() === 0;

export function reserveIn(
  leases: readonly Lease[],
  amount: number,
  forced: boolean,
): { readonly lease: Lease; readonly reservation: Reservation } | undefined {
  for (const lease of leases) {
    const reservation = isLive(lease) ? lease.meter.reserve(amount) : undefined;
    if (reservation) return { lease, reservation };
  }
  const lease = forced ? leases.find(isLive) : undefined;
  const reservation = lease?.meter.reserve(amount, true);
  return lease && reservation && { lease, reservation };
}

export function reportOf(lease: Lease): SpendRequest['reports'][number] {
  const spent = lease.meter.used();
  const held = lease.meter.reserved() + (lease.isClosed ? 0 : lease.meter.left());
  return {
    bucket: lease.bucket,
    lease_id: lease.id,
    spent_microusd: spent,
    held_microusd: held,
  };
}
