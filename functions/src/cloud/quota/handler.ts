import type { HttpFunction } from '@google-cloud/functions-framework';
import type { SendCommand } from '../redis/monthly-counts.ts';
import { monthOf, tenantKeys } from '../redis/quota-keys.ts';
import { countedTenants } from './counted-tenants.ts';
import type { OpenSnapshot } from './ledger-snapshot.ts';
import { type Reconciled, reconcileTenant } from './reconcile-tenant.ts';

export type QuotaOptions = {
  readonly send: SendCommand;
  readonly openSnapshot: OpenSnapshot;
  readonly onCorrected: (tenantId: string, counts: Reconciled) => void;
  readonly onFault: (message: string, error: unknown) => void;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
};

/** A tenant is held against the ledger once a day, and as soon as Redis does not know when it was. */
export const EVERY_MILLIS = 24 * 3600 * 1000;
/** Below the function's own time limit; what is left over is the next call's. */
const BUDGET_MILLIS = 240_000;

/**
 * `quota`: called by Scheduler, sets the counts of free tenants right. Answers 200 with how many, or 500 when one could not
 * be done: the others are.
 */
export function createQuota(options: QuotaOptions): HttpFunction {
  const { send, openSnapshot, onCorrected, onFault, now = Date.now } = options;

  const isDue = async (tenantId: string, month: string): Promise<boolean> => {
    const at = await send(['GET', tenantKeys(tenantId, month).reconciled]);
    return at === null || now() - Number(at) >= EVERY_MILLIS;
  };

  const reconcileAll = async () => {
    const month = monthOf(new Date(now()).toISOString());
    const until = now() + BUDGET_MILLIS;
    const done = { reconciled: 0, corrected: 0, failed: 0, left: 0 };
    for await (const tenantId of countedTenants(send, month)) {
      if (!(await isDue(tenantId, month))) continue;
      if (now() >= until) {
        done.left++;
        continue;
      }
      try {
        const counts = await reconcileTenant({ send, openSnapshot, tenantId, month, now });
        done.reconciled++;
        if (counts.before === counts.after) continue;
        done.corrected++;
        onCorrected(tenantId, counts);
      } catch (error) {
        done.failed++;
        onFault('a count could not be held against the ledger', error);
      }
    }
    return done;
  };

  return async (request, response) => {
    if (request.method !== 'POST') {
      response.status(405).set('allow', 'POST').end();
      return;
    }
    try {
      const done = await reconcileAll();
      response.status(done.failed === 0 ? 200 : 500).json(done);
    } catch (error) {
      onFault('the counts cannot be read', error);
      response.status(503).set('retry-after', '60').end();
    }
  };
}
