import { ARMOR_RULES } from '../front/armor-rules.ts';
import type { Profile } from '../settings/profiles.ts';
import { PRICES } from './prices.ts';

export type CostLine = { readonly what: string; readonly usd: number };
export type Estimate = { readonly lines: readonly CostLine[]; readonly total: number };

const HOURS = 730;
const SECONDS = HOURS * 3600;
const SECRETS = 8;
const SCHEDULER_JOBS = 3;

/**
 * What a month costs before the first event: what is kept running. Events come on top, see infra/SCALE.md.
 * @returns US dollars, unrounded.
 */
export function estimate(profile: Profile): Estimate {
  const { capacity, edition } = profile.spanner;
  const units = capacity.kind === 'fixed' ? capacity.processingUnits : capacity.minimum;
  const node = edition === 'STANDARD' ? PRICES.spannerStandard : PRICES.spannerEnterprise;
  const gigabyte = profile.redis.tier === 'BASIC' ? PRICES.redisBasic : PRICES.redisStandard;
  const { front, writer } = profile.instances;
  const kept = 2 * front.min + writer.min;
  const lines = [
    {
      what: `Spanner, ${units} processing units, ${edition}`,
      usd: (units / 1000) * node.usd * HOURS,
    },
    {
      what: `Redis, ${profile.redis.memoryGb} GB, ${profile.redis.tier}`,
      usd: profile.redis.memoryGb * gigabyte.usd * HOURS,
    },
    {
      what: `${kept} instances kept warm`,
      usd: kept * (PRICES.idle.usd + PRICES.memory.usd) * SECONDS,
    },
    { what: 'load balancer', usd: PRICES.forwardingRule.usd * HOURS },
    {
      what: `Cloud Armor, ${ARMOR_RULES.length} rules`,
      usd: PRICES.armorPolicy.usd + ARMOR_RULES.length * PRICES.armorRule.usd,
    },
    { what: `${SECRETS} secrets`, usd: SECRETS * PRICES.secretVersion.usd },
    { what: 'scheduler', usd: SCHEDULER_JOBS * PRICES.schedulerJob.usd },
  ];
  return { lines, total: lines.reduce((sum, { usd }) => sum + usd, 0) };
}
