import type { AuditRecord } from '@vantio/schema';
import type { SpendCap, TokenPrices } from '@vantio/schema/policy/spend-settings';

/** Windows that are added up at once; the oldest is forgotten past that, which a ledger of many traces may reach. */
const MAX_WINDOWS = 200_000;
const PER_MILLION = 1_000_000;

/** What one cap has counted, by window and by what it counts over. */
export function createCapWindows(cap: SpendCap) {
  const used = new Map<string, number>();
  return {
    /** Whether the call would have gone past the cap; if not, its cost is counted. */
    exceeds: (record: AuditRecord, cost: number): boolean => {
      const key = `${windowOf(cap, record)} ${cap.scope === 'model' ? record.model : record.key_id}`;
      const before = used.get(key) ?? 0;
      if (before + cost > cap.limitMicroUsd) return true;
      if (before === 0 && used.size >= MAX_WINDOWS)
        for (const oldest of used.keys()) {
          used.delete(oldest);
          break;
        }
      used.set(key, before + cost);
      return false;
    },
  };
}

function windowOf({ window }: SpendCap, { occurred_at, trace_id }: AuditRecord): string {
  switch (window) {
    case 'trace':
      return trace_id ?? '';
    case 'hour':
      return occurred_at.slice(0, 13);
    case 'day':
      return occurred_at.slice(0, 10);
    case 'month':
      return occurred_at.slice(0, 7);
  }
}

/** What the call cost, by the policy's own price if it has one, else as recorded; undefined: nobody knows. */
export function costOf(
  record: AuditRecord,
  prices: ReadonlyMap<string, TokenPrices>,
): number | undefined {
  const price = prices.get(record.model?.toLowerCase() ?? '');
  const { input_tokens: input, output_tokens: output } = record;
  if (price === undefined || input === undefined || output === undefined)
    return record.cost_microusd;
  const cached = record.cached_input_tokens ?? 0;
  const written = record.cache_write_tokens ?? 0;
  const plain = Math.max(0, input - cached - written);
  return Math.ceil(
    (plain * price.input +
      cached * (price.cached_input ?? price.input) +
      written * (price.cache_write ?? price.input) +
      output * price.output) /
      PER_MILLION,
  );
}
