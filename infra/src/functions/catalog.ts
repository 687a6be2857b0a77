import type { DatabaseRole } from '../ledger/roles.ts';
import type { SecretName } from '../secrets/secrets.ts';
import type { Settings } from '../settings/settings.ts';

export type FunctionName = 'config' | 'ingest' | 'writer' | 'sealer' | 'keymaker' | 'quota' | 'log';

export type FunctionSpec = {
  /** `public`: anybody may ask, through the load balancer only. `private`: named callers, from inside only. */
  readonly reach: 'public' | 'private';
  readonly databaseRole?: DatabaseRole;
  /** Read by the function itself, through Secret Manager. */
  readonly secrets: readonly SecretName[];
  /** Given new versions by the function itself. */
  readonly writes?: readonly SecretName[];
  readonly usesRedis: boolean;
  readonly memory: string;
  /** Requests that one instance works on at the same time. */
  readonly concurrency: number;
  readonly timeoutSeconds: number;
};

/** What each function is and may; its account gets exactly this. */
export const FUNCTIONS: Readonly<Record<FunctionName, FunctionSpec>> = {
  config: {
    reach: 'public',
    databaseRole: 'spend_leaser',
    // It puts its own records in the ledger: of leases, and of requests that it refused.
    secrets: ['ingest-key', 'control-key', 'revocations'],
    usesRedis: true,
    memory: '512Mi',
    concurrency: 80,
    timeoutSeconds: 30,
  },
  ingest: {
    reach: 'public',
    // The key that signs checkpoints is none of them: a receipt key signs receipts alone.
    secrets: ['ingest-key', 'receipt-key', 'control-key', 'revocations'],
    usesRedis: true,
    // Forty bodies of 5 MiB, each once raw and once as text.
    memory: '1Gi',
    concurrency: 40,
    timeoutSeconds: 30,
  },
  writer: {
    reach: 'private',
    databaseRole: 'ledger_writer',
    secrets: [],
    usesRedis: false,
    memory: '1Gi',
    concurrency: 16,
    timeoutSeconds: 60,
  },
  sealer: {
    reach: 'private',
    databaseRole: 'ledger_sealer',
    secrets: ['log-key'],
    usesRedis: false,
    // Twice 128 MiB of tiles, and bundles under way.
    memory: '1Gi',
    // create-sealer.ts opens sessions for so many.
    concurrency: 4,
    timeoutSeconds: 300,
  },
  keymaker: {
    reach: 'private',
    secrets: ['keymaker', 'revocations'],
    writes: ['revocations'],
    usesRedis: false,
    memory: '512Mi',
    // Lists of revoked keys are written one after the other.
    concurrency: 1,
    timeoutSeconds: 30,
  },
  quota: {
    reach: 'private',
    databaseRole: 'quota_reader',
    secrets: [],
    usesRedis: true,
    memory: '512Mi',
    // Two at a time would ask the same of the ledger twice.
    concurrency: 1,
    timeoutSeconds: 300,
  },
  log: {
    reach: 'public',
    databaseRole: 'log_reader',
    secrets: ['revocations'],
    usesRedis: true,
    memory: '1Gi',
    concurrency: 40,
    timeoutSeconds: 30,
  },
};

const SINGLE: ReadonlySet<FunctionName> = new Set(['keymaker', 'quota']);
/** Each has lists of tenants of its own; two that have the same one race and lose nothing. */
const MAX_SEALERS = 10;

export const FUNCTION_NAMES = Object.keys(FUNCTIONS) as FunctionName[];

/** How many instances are kept and allowed. Nobody waits for the sealer, the keymaker or quota, nor long for the log. */
export function instancesOf(
  name: FunctionName,
  { profile }: Settings,
): { readonly min: number; readonly max: number } {
  if (SINGLE.has(name)) return { min: 0, max: 1 };
  if (name === 'sealer') return { min: 0, max: MAX_SEALERS };
  if (name === 'log') return { min: 0, max: profile.instances.front.max };
  return name === 'writer' ? profile.instances.writer : profile.instances.front;
}
