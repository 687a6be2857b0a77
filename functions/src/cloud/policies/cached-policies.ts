import { readEnvelope } from '@vantio/schema/policy/signed-policy';
import type { PolicyOf, ServedPolicy } from '../../config/policy-of.ts';
import { served } from '../../config/served.ts';

export type CachedPoliciesOptions = {
  /** The newest envelope of a tenant. */
  readonly read: (tenantId: string) => Promise<string | undefined>;
  readonly onFault: (message: string, error: unknown) => void;
  readonly now?: () => number;
};

/** How long an answer is given again without asking; and how long while asking fails. */
const FRESH_MILLIS = 5000;
const STALE_MILLIS = 60_000;
/** Tenants that are remembered; a policy may be of some megabytes. */
const MAX_TENANTS = 200;
const MAX_CHARACTERS = 64 * 1024 * 1024;

type Entry = { readonly policy: ServedPolicy | undefined; readonly at: number };

/** The newest policy of each tenant, asked of the database once in a while by each instance. */
export function createCachedPolicies(options: CachedPoliciesOptions): PolicyOf {
  const { read, onFault, now = Date.now } = options;
  const entries = new Map<string, Entry>();
  const asking = new Map<string, Promise<ServedPolicy | undefined>>();
  let characters = 0;

  const forget = (tenantId: string): void => {
    characters -= entries.get(tenantId)?.policy?.envelope.length ?? 0;
    entries.delete(tenantId);
  };
  const remember = (tenantId: string, policy: ServedPolicy | undefined): void => {
    forget(tenantId);
    entries.set(tenantId, { policy, at: now() });
    characters += policy?.envelope.length ?? 0;
    for (const oldest of entries.keys()) {
      if (entries.size <= MAX_TENANTS && characters <= MAX_CHARACTERS) break;
      forget(oldest);
    }
  };

  const ask = async (tenantId: string): Promise<ServedPolicy | undefined> => {
    const known = entries.get(tenantId);
    try {
      const text = await read(tenantId);
      // Most often it is the same: then it is not read and hashed again.
      const policy =
        text === undefined || text === known?.policy?.envelope
          ? text && known?.policy
          : served(text, readEnvelope(text));
      remember(tenantId, policy || undefined);
      return policy || undefined;
    } catch (error) {
      if (known === undefined || now() - known.at > STALE_MILLIS) throw error;
      onFault('a policy cannot be read; the last one is served for a minute', error);
      return known.policy;
    }
  };

  return async (tenantId) => {
    const known = entries.get(tenantId);
    if (known !== undefined && now() - known.at < FRESH_MILLIS) return known.policy;
    const running = asking.get(tenantId) ?? ask(tenantId).finally(() => asking.delete(tenantId));
    asking.set(tenantId, running);
    return running;
  };
}
