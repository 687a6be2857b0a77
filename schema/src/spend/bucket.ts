/** A slice of a cap that one emitter may spend until it ends, in micro-dollars. */
export type Lease = {
  readonly amount: number;
  /** As its emitter last said. */
  readonly spent: number;
  /** Not spent and not given back. */
  readonly held: number;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
};

/** What is known of one cap in one window over one subject: a key, an agent or a model. */
export type Bucket = {
  /** By leases that are settled. */
  readonly used: number;
  readonly leases: Readonly<Record<string, Lease>>;
  /** End of the window, milliseconds since 1970. */
  readonly endsAt: number;
};

export type LeaseReport = {
  readonly bucket: string;
  readonly leaseId: string;
  readonly spent: number;
  readonly held: number;
};

export type LeaseAsk = {
  readonly bucket: string;
  readonly leaseId: string;
  /** Less is of no use. */
  readonly need: number;
  readonly want: number;
  readonly limit: number;
  /** Of a soft cap: it is told of, so everything is granted. */
  readonly isSoft: boolean;
  readonly endsAt: number;
};

export type LeaseOutcome =
  | {
      readonly status: 'granted';
      readonly amount: number;
      readonly expiresAt: number;
      readonly used: number;
      readonly isNew: boolean;
    }
  | {
      readonly status: 'used_up';
      readonly used: number;
      readonly outstanding: number;
      readonly retryAt: number;
    };

/** How long a lease lasts: what a process that was killed had leased is counted as spent from then on. */
export const LEASE_MILLIS = 60_000;
/** How long after its window a bucket is kept, for who reports late. */
export const KEEP_MILLIS = 3_600_000;
const MAX_LEASES = 5000;
/** Of what is free one lease is at most so much, unless more is needed: others ask too. */
const SHARE = 8;

/** Used and outstanding: a lease that ended without a report is taken for spent. */
export function totals(
  { used, leases }: Bucket,
  now: number,
): { readonly used: number; readonly outstanding: number } {
  let spent = used;
  let outstanding = 0;
  for (const lease of Object.values(leases)) {
    spent += lease.spent;
    if (lease.expiresAt > now) outstanding += lease.held;
    else spent += lease.held;
  }
  return { used: spent, outstanding };
}

/** Takes in what an emitter says of its lease: spent only grows and held only shrinks, whatever order reports come in. */
export function report(bucket: Bucket, { leaseId, ...said }: Omit<LeaseReport, 'bucket'>): Bucket {
  const lease = Object.hasOwn(bucket.leases, leaseId) ? bucket.leases[leaseId] : undefined;
  if (!lease) return bucket;
  const spent = Math.max(lease.spent, said.spent);
  const held = Math.min(lease.held, said.held);
  const { [leaseId]: _, ...others } = bucket.leases;
  return held === 0
    ? { ...bucket, used: bucket.used + spent, leases: others }
    : { ...bucket, leases: { ...others, [leaseId]: { ...lease, spent, held } } };
}

/** Used and outstanding together never pass the limit of a hard cap by what is granted here. */
export function grant(
  bucket: Bucket,
  ask: LeaseAsk,
  now: number,
): { readonly bucket: Bucket; readonly outcome: LeaseOutcome } {
  const { used, outstanding } = totals(bucket, now);
  const known = Object.hasOwn(bucket.leases, ask.leaseId) ? bucket.leases[ask.leaseId] : undefined;
  if (known)
    return {
      bucket,
      outcome: {
        status: 'granted',
        amount: known.amount,
        expiresAt: known.expiresAt,
        used,
        isNew: false,
      },
    };
  const free = ask.limit - used - outstanding;
  const leases = Object.values(bucket.leases);
  if ((!ask.isSoft && ask.need > free) || leases.length >= MAX_LEASES) {
    const next = Math.min(
      ...leases.filter(({ expiresAt }) => expiresAt > now).map(({ expiresAt }) => expiresAt),
      ask.endsAt,
    );
    return { bucket, outcome: { status: 'used_up', used, outstanding, retryAt: next } };
  }
  const amount = ask.isSoft
    ? Math.max(ask.need, ask.want)
    : Math.max(ask.need, Math.min(ask.want, Math.floor(free / SHARE)));
  const expiresAt = Math.min(now + LEASE_MILLIS, ask.endsAt);
  const lease: Lease = { amount, spent: 0, held: amount, expiresAt };
  return {
    bucket: { ...bucket, endsAt: ask.endsAt, leases: { ...bucket.leases, [ask.leaseId]: lease } },
    outcome: { status: 'granted', amount, expiresAt, used, isNew: true },
  };
}

/** Reports first: what they give back may be granted again. @returns what has changed, and an outcome for each ask */
export function exchange(
  known: ReadonlyMap<string, Bucket>,
  reports: readonly LeaseReport[],
  asks: readonly LeaseAsk[],
  now: number,
): { readonly changed: ReadonlyMap<string, Bucket>; readonly outcomes: readonly LeaseOutcome[] } {
  const changed = new Map<string, Bucket>();
  const at = (id: string): Bucket | undefined => changed.get(id) ?? known.get(id);
  for (const { bucket: id, ...said } of reports) {
    const before = at(id);
    const after = before && report(before, said);
    if (after && after !== before) changed.set(id, after);
  }
  const outcomes = asks.map((ask) => {
    const before = at(ask.bucket) ?? { used: 0, leases: {}, endsAt: ask.endsAt };
    const { bucket, outcome } = grant(before, ask, now);
    if (bucket !== before) changed.set(ask.bucket, bucket);
    return outcome;
  });
  return { changed, outcomes };
}
