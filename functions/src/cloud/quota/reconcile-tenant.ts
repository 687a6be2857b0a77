import type { SendCommand } from '../redis/monthly-counts.ts';
import { QUOTA_SECONDS, tenantKeys } from '../redis/quota-keys.ts';
import type { OpenSnapshot } from './ledger-snapshot.ts';

export type ReconcileOptions = {
  readonly send: SendCommand;
  readonly openSnapshot: OpenSnapshot;
  readonly tenantId: string;
  /** Such as 2026-11 (UTC). */
  readonly month: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
};

export type Reconciled = { readonly before: number; readonly after: number };

/**
 * A batch that was counted and is not in the ledger after so long never will be: Pub/Sub keeps a message for seven days. A
 * dead letter replayed later is counted by the ledger then.
 */
export const PENDING_MILLIS = 8 * 24 * 3600 * 1000;

/**
 * One step: whoever counts meanwhile is not overwritten, for what they counted is pending; and what was read from an older
 * ledger is not written over what was read from a newer one.
 */
const SETTLE = `
local seen = tonumber(redis.call('GET', KEYS[3]) or '0')
local before = tonumber(redis.call('GET', KEYS[1]) or '0')
if seen > tonumber(ARGV[2]) then return {before, before} end
for at = 4, #ARGV do redis.call('HDEL', KEYS[2], ARGV[at]) end
local after = tonumber(ARGV[1])
for _, entry in ipairs(redis.call('HVALS', KEYS[2])) do
  after = after + tonumber(string.match(entry, '^%d+') or '0')
end
redis.call('SET', KEYS[1], string.format('%d', after), 'EX', ARGV[3])
redis.call('SET', KEYS[3], ARGV[2], 'EX', ARGV[3])
return {before, after}`;

/**
 * Sets a tenant's count of the month to what the ledger holds, and what was counted and is still on its way there.
 * The order matters: first the ledger's moment, then the batches that are pending, then which of them that moment holds. What
 * is stored later than the moment is not in its sum, and was pending when we looked.
 */
export async function reconcileTenant(options: ReconcileOptions): Promise<Reconciled> {
  const { send, openSnapshot, tenantId, month, now } = options;
  const { count, pending, reconciled } = tenantKeys(tenantId, month);
  const snapshot = await openSnapshot();
  try {
    const entries = entriesOf(await send(['HGETALL', pending]));
    const { events, stored } = await snapshot.count({
      tenantId,
      month,
      witnesses: entries.map(({ witness }) => witness),
    });
    const over = entries.filter(
      ({ witness, takenAt }) => stored.has(witness) || now() - takenAt > PENDING_MILLIS,
    );
    const values = [events, snapshot.at, QUOTA_SECONDS.count, ...over.map(({ digest }) => digest)];
    const keys = [count, pending, reconciled];
    const answer = await send(['EVAL', SETTLE, '3', ...keys, ...values.map(String)]);
    const [before = 0, after = 0] = (answer as readonly unknown[]).map(Number);
    return { before, after };
  } finally {
    snapshot.close();
  }
}

type Entry = { readonly digest: string; readonly takenAt: number; readonly witness: string };

/** HGETALL as the wire has it, or as a client made an object of it. */
function entriesOf(answer: unknown): readonly Entry[] {
  const flat = Array.isArray(answer) ? answer.map(String) : Object.entries(answer ?? {}).flat();
  return Array.from({ length: flat.length / 2 }, (_, at) => {
    const [, takenAt, witness = ''] = String(flat[2 * at + 1]).split(' ');
    return { digest: String(flat[2 * at]), takenAt: Number(takenAt), witness };
  });
}
