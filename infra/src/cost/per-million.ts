import type { CostLine, Estimate } from './estimate.ts';
import { bucketBytes, OBJECTS_A_TILE, TILE } from './log-operations.ts';
import { PRICES } from './prices.ts';

/** Mean bytes of an event, measured on the demo's ledger by `measure-rows.ts`; the message is ingest's, JSON in JSON. */
export const MEASURED = {
  canonical: 709,
  message: 909,
  row: 1240,
  indexes: 617,
  /** In the log: its row in Spanner with that one's index, and its entry in the bucket. */
  leaf: 409,
  entry: 893,
  records: 15,
} as const;

/** Of the two functions, in batches of 500, by `scripts/bench cloud` on 2026-11-25: scripts/bench.md. A core of that machine, not Cloud Run's. */
export const BENCHED = {
  ingestEventsPerCpuSecond: 51_546,
  /** Without waiting for the database, whose CPU is Spanner's own line. */
  writerEventsPerCpuSecond: 11_940,
  rowsPerCommit: 500,
  mutationsPerEvent: 11,
  /** If the generated columns count, too. */
  mutationsPerEventAtMost: 59,
} as const;

/** What is assumed of the rest, or is a figure of Google's; not a measurement. */
export const ASSUMED = {
  eventsPerRequest: 100,
  /** Of 3,500 one-row writes a second that Google names for a node, at the autoscaler's 65 %. */
  rowsPerNodeSecond: 2_275,
  retentionDays: 7,
} as const;

const GB = 1e9;
const GIB = 2 ** 30;
const EVENTS = 1e6;

/** US dollars for a million events on top of what is kept running; storage is for the first month, and comes again each month. */
export function perMillion(): Estimate {
  const requests = EVENTS / ASSUMED.eventsPerRequest;
  const cpu = EVENTS / BENCHED.ingestEventsPerCpuSecond + EVENTS / BENCHED.writerEventsPerCpuSecond;
  const week = ASSUMED.retentionDays / 30;
  const stored = (EVENTS * (MEASURED.row + MEASURED.indexes + MEASURED.leaf)) / GB;
  const lines: readonly CostLine[] = [
    {
      what: 'Spanner compute',
      usd: (EVENTS / ASSUMED.rowsPerNodeSecond / 3600) * PRICES.spannerEnterprise.usd,
    },
    { what: 'Spanner storage, each month', usd: stored * PRICES.spannerStorage.usd },
    {
      what: 'Change stream, its seven days',
      usd: ((EVENTS * MEASURED.row) / GB) * PRICES.spannerStorage.usd * week,
    },
    { what: 'Spanner backups, each month', usd: stored * PRICES.spannerBackup.usd },
    {
      what: 'Pub/Sub, published and delivered',
      usd: ((2 * EVENTS * MEASURED.message) / 2 ** 40) * PRICES.pubsub.usd,
    },
    {
      what: 'Pub/Sub, kept for seven days',
      usd: ((EVENTS * MEASURED.message) / GIB) * PRICES.pubsubRetention.usd * week,
    },
    {
      what: 'Cloud Storage of the log, each month',
      usd: ((EVENTS * bucketBytes()) / GB) * PRICES.storage.usd,
    },
    {
      what: 'Cloud Storage operations of the log, a large tenant’s',
      usd: ((EVENTS * OBJECTS_A_TILE) / TILE / 1e6) * PRICES.classA.usd,
    },
    { what: 'Functions, CPU and memory', usd: cpu * (PRICES.cpu.usd + PRICES.memory.usd) },
    { what: 'Functions, requests', usd: ((2 * requests) / 1e6) * PRICES.requests.usd },
    {
      what: 'Load balancer and Cloud Armor',
      usd:
        ((EVENTS * MEASURED.canonical) / GB) * PRICES.balancerData.usd +
        (requests / 1e6) * PRICES.armorRequests.usd,
    },
  ];
  return { lines, total: lines.reduce((sum, { usd }) => sum + usd, 0) };
}
