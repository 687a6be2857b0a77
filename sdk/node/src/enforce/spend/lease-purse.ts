import { randomBytes } from 'node:crypto';
import type { SpendOutcome } from '@vantio/schema/wire/spend-leases';
import { debug } from '../../context/debug.ts';
import { guard } from '../../context/guard.ts';
import { cancel, later, now, thisProcess } from '../../context/main-realm.ts';
import { spendEngine } from '../engines.ts';
import { isLive, isOver, type Lease, reportOf, reserveIn } from './lease.ts';
import type { Posted, PostLeases } from './post-leases.ts';
import type { Budget, Purse, Taking } from './purse.ts';

/** A call waits for a lease so long at most. */
const WAIT_MS = 2000;
/** After a failure nobody waits for so long. */
const DOWN_MS = 5000;
/** A budget that is used up is asked for again after so long at the latest. */
const REFUSED_MS = 5000;
/** Leases are given back so long before they end, and new ones asked for a little before that. */
const GIVE_BACK_MS = 5000;
const LOW_MS = 15_000;
/** A budget of which nothing was taken for so long gives back what it has. */
const IDLE_MS = 10_000;
/** What is left of a lease when the next one is asked for: a quarter. */
const LOW = 4;
const LOOK_MS = 2500;
const MAX_GROWTH = 64;
const HOLD_MS = 60_000;
/** How long a lease lasts. */
const LEASE_MS = 60_000;

type Entry = {
  budget: Budget;
  leases: Lease[];
  /** Amounts that calls wait for. */
  readonly needs: number[];
  asking: Promise<SpendOutcome | undefined> | undefined;
  /** Of a lease that was asked for without an answer. It may have been granted: asked for again by its id, it is not granted twice. */
  unheard: string | undefined;
  /** Spent without a lease. */
  debt: number;
  /** Spent in the window by all, as last told. */
  known: number;
  refused: { readonly need: number; readonly until: number; readonly used: number } | undefined;
  growth: number;
  /** No lease is asked for in advance before that. */
  quietUntil: number;
  touchedAt: number;
};

/** Caps over all processes: slices of them are leased from the control plane, and spent here without asking. */
export function createLeasePurse(post: PostLeases, tenantId: string): Purse {
  const { createMeter, spendSubject } = spendEngine();
  const entries = new Map<string, Entry>();
  let downUntil = 0;
  let stopped = false;
  let timer: ReturnType<typeof later> | undefined;
  const onDry = guard('giving back leases', () => void giveBack());

  function entryOf(budget: Budget): Entry {
    const { cap, subject, traceId } = budget;
    const name = [cap.ruleId, cap.scope, subject, cap.window === 'trace' ? traceId : ''].join('\0');
    let entry = entries.get(name);
    if (!entry) {
      if (entries.size === 0) thisProcess.on('beforeExit', onDry);
      entry = {
        budget,
        leases: [],
        needs: [],
        asking: undefined,
        unheard: undefined,
        debt: 0,
        known: 0,
        refused: undefined,
        growth: 1,
        quietUntil: 0,
        touchedAt: 0,
      };
      entries.set(name, entry);
    }
    entry.budget = budget;
    entry.touchedAt = now();
    timer ??= look();
    return entry;
  }

  /** What all have spent, as last told, and this process since. */
  const usedBy = ({ known, leases, debt }: Entry): number =>
    leases.reduce((sum, { meter, told }) => sum + meter.used() - told, known + debt);

  function takeFrom(entry: Entry, amount: number, forced: boolean): Taking | undefined {
    const found = reserveIn(entry.leases, amount, forced);
    if (!found) return undefined;
    const used = usedBy(entry);
    const { lease, reservation } = found;
    const { meter, expiresAt } = lease;
    const isLow = meter.left() * LOW < meter.used() + meter.reserved() + meter.left();
    if ((isLow || expiresAt - now() < LOW_MS) && !entry.asking && isQuiet(entry))
      void ask(entry, 0, amount);
    return {
      kind: 'taken',
      used,
      isOver: forced && used + amount > entry.budget.cap.limitMicroUsd,
      settle(cost) {
        reservation.settle(cost);
        return usedBy(entry);
      },
    };
  }

  const isQuiet = ({ quietUntil }: Entry): boolean => Math.max(quietUntil, downUntil) <= now();

  async function wait(entry: Entry, amount: number, forced: boolean): Promise<Taking> {
    const until = now() + WAIT_MS;
    entry.needs.push(amount);
    try {
      while (now() < until && !stopped) {
        const need = entry.needs[0] ?? amount;
        entry.asking ??= ask(entry, need, sum(entry.needs));
        const outcome = await within(entry.asking, until - now());
        const taking = takeFrom(entry, amount, forced);
        if (taking) return taking;
        if (outcome === undefined || outcome.status === 'unknown_rule') break;
        // Another call needed more than this one does: this one asks for itself.
        if (outcome.status === 'used_up' && entry.refused && amount >= entry.refused.need)
          return { kind: 'used_up', used: outcome.used_microusd };
      }
    } catch (error) {
      debug('a lease could not be had', error);
    } finally {
      entry.needs.splice(entry.needs.indexOf(amount), 1);
    }
    return { kind: 'unavailable' };
  }

  /** @param need 0: nobody waits, so leases stay open. */
  function ask(entry: Entry, need: number, wanted: number): Promise<SpendOutcome | undefined> {
    const asking = leased(entry, need, wanted).finally(() => {
      if (entry.asking === asking) entry.asking = undefined;
    });
    entry.asking = asking;
    return asking;
  }

  async function leased(
    entry: Entry,
    need: number,
    wanted: number,
  ): Promise<SpendOutcome | undefined> {
    const { cap, subject, traceId } = entry.budget;
    const id = entry.unheard ?? randomBytes(16).toString('hex');
    entry.unheard = id;
    // What they have left is not enough for who waits: it may be granted again, with more.
    if (need > 0) for (const lease of entry.leases) lease.isClosed = true;
    const debt = entry.debt;
    const least = Math.max(1, need || wanted) + debt;
    const reports = entry.leases.map(reportOf);
    const answer = await post({
      reports,
      asks: [
        {
          rule_id: cap.ruleId,
          lease_id: id,
          ...(cap.scope === 'key' ? {} : { subject: spendSubject(tenantId, cap.scope, subject) }),
          ...(cap.window === 'trace' ? { trace_id: traceId } : {}),
          need_microusd: least,
          want_microusd: Math.min(
            Math.max(wanted, least) * entry.growth * 2,
            Number.MAX_SAFE_INTEGER,
          ),
        },
      ],
    });
    const [outcome] = answer?.leases ?? [];
    if (outcome === undefined) {
      downUntil = now() + DOWN_MS;
      return undefined;
    }
    entry.unheard = undefined;
    heard(reports);
    entry.leases = entry.leases.filter((lease) => !isTold(lease));
    if (outcome.status === 'unknown_rule') return outcome;
    entry.known = outcome.used_microusd;
    if (outcome.status === 'used_up') {
      const until = now() + Math.min(outcome.retry_in_ms, REFUSED_MS);
      entry.quietUntil = until;
      // What was asked for in advance says nothing of what is had once open leases are given back.
      if (need > 0) entry.refused = { need, until, used: outcome.used_microusd };
      return outcome;
    }
    entry.refused = undefined;
    entry.growth = Math.min(entry.growth * 2, MAX_GROWTH);
    const meter = createMeter(outcome.amount_microusd);
    entry.debt -= debt;
    if (debt > 0) meter.reserve(0, true)?.settle(debt);
    entry.leases.push({
      id,
      bucket: outcome.bucket,
      meter,
      expiresAt: now() + outcome.expires_in_ms,
      isClosed: false,
      told: 0,
    });
    return outcome;
  }

  function heard(reports: Posted['reports']): void {
    const spent = new Map(reports.map((one) => [one.lease_id, one.spent_microusd]));
    for (const { leases } of entries.values())
      for (const lease of leases) lease.told = spent.get(lease.id) ?? lease.told;
  }

  /** Gives back leases that end soon, tells what closed ones cost, and forgets budgets that nobody asks for. */
  function look(): ReturnType<typeof later> {
    const next = later(
      guard('looking after leases', () => {
        timer = undefined;
        if (stopped) return;
        const due: Lease[] = [];
        for (const [name, entry] of entries) {
          for (const lease of entry.leases) {
            const isIdle = now() - entry.touchedAt > IDLE_MS;
            if (isIdle || lease.expiresAt - now() < GIVE_BACK_MS) lease.isClosed = true;
            if (isOver(lease)) due.push(lease);
          }
          const keptFor = entry.unheard === undefined ? REFUSED_MS : LEASE_MS;
          if (entry.leases.length === 0 && !entry.asking && now() - entry.touchedAt > keptFor)
            entries.delete(name);
          else if (entry.growth > 1 && now() - entry.touchedAt > IDLE_MS) entry.growth = 1;
        }
        void tell(due);
        if (entries.size > 0) timer = look();
        else thisProcess.removeListener('beforeExit', onDry);
      }),
      LOOK_MS,
    );
    next.unref();
    return next;
  }

  async function tell(due: readonly Lease[]): Promise<void> {
    for (let at = 0; at < due.length; at += MAX_REPORTS) {
      const some = due.slice(at, at + MAX_REPORTS);
      const reports = some.map(reportOf);
      // Not told: it is tried again, and until then it counts as spent.
      if ((await post({ reports, asks: [] })) === undefined) return;
      heard(reports);
      for (const entry of entries.values())
        entry.leases = entry.leases.filter((lease) => !isTold(lease));
    }
  }

  /** Of a process that ends, or no longer enforces. */
  async function giveBack(): Promise<void> {
    const due = [...entries.values()].flatMap(({ leases }) => leases);
    if (due.length === 0) return;
    for (const lease of due) lease.isClosed = true;
    // Whoever ends enforcing waits for it; nothing else keeps the process running while it is told.
    const hold = later(() => undefined, HOLD_MS);
    await tell(due);
    // Whatever could not be told: a process that ends does not try for ever.
    for (const entry of entries.values()) entry.leases = [];
    cancel(hold);
  }

  return {
    take(budget, amount, forced) {
      const entry = entryOf(budget);
      const taking = takeFrom(entry, amount, forced);
      if (taking) return taking;
      if (stopped || downUntil > now()) return { kind: 'unavailable' };
      const { refused } = entry;
      if (refused && refused.until > now() && amount >= refused.need)
        return { kind: 'used_up', used: refused.used };
      return wait(entry, amount, forced);
    },
    charge(budget, cost) {
      const entry = entryOf(budget);
      const lease = entry.leases.find(isLive);
      if (lease) lease.meter.reserve(0, true)?.settle(cost);
      else {
        entry.debt += cost;
        // Told with the next lease: what is not asked for by a call may end before one is.
        if (!entry.asking && isQuiet(entry)) void ask(entry, 0, 1);
      }
    },
    stop() {
      stopped = true;
      if (timer) cancel(timer);
      thisProcess.removeListener('beforeExit', onDry);
      return giveBack();
    },
  };
}

/** Nothing of it is left to tell. What it was when it was told may have been spent since. */
const isTold = (lease: Lease): boolean => isOver(lease) && lease.told === lease.meter.used();

/** As many as one request may have. */
const MAX_REPORTS = 200;

const sum = (amounts: readonly number[]): number => amounts.reduce((all, each) => all + each, 0);

/** A call that waits keeps the process running, for as long as it does. */
async function within<T>(promise: Promise<T>, ms: number): Promise<T | undefined> {
  let timer: ReturnType<typeof later> | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = later(() => resolve(undefined), Math.max(0, ms));
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    if (timer) cancel(timer);
  }
}
