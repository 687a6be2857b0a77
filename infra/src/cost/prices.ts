/** US dollars. `seen` where the figure was read on a page of Google's; else it is recalled, and to be checked. */
export type Price = {
  readonly what: string;
  readonly usd: number;
  readonly per: string;
  readonly source: string;
  readonly seen: boolean;
};

/** When this table was last gone over. A price older than a year is a guess. */
export const PRICES_OF = '2026-11-23';

const price = (what: string, usd: number, per: string, page: string, seen = false): Price => ({
  what,
  usd,
  per,
  source: `cloud.google.com/${page}`,
  seen,
});

/** List prices of a regional deployment in a cheap region (us-central1); others cost up to half as much again. */
export const PRICES = {
  spannerStandard: price(
    'Spanner, Standard edition',
    0.9,
    '1,000 processing units, hour',
    'spanner/pricing',
  ),
  spannerEnterprise: price(
    'Spanner, Enterprise edition',
    1.23,
    '1,000 processing units, hour',
    'spanner/pricing',
  ),
  spannerStorage: price('Spanner storage, SSD', 0.3, 'GB, month', 'spanner/pricing'),
  spannerBackup: price('Spanner backup storage', 0.1, 'GB, month', 'spanner/pricing'),
  pubsub: price('Pub/Sub throughput', 40, 'TiB published or delivered', 'pubsub/pricing', true),
  pubsubRetention: price('Pub/Sub retained messages', 0.27, 'GiB, month', 'pubsub/pricing'),
  cpu: price('Cloud Run functions, CPU', 0.000024, 'vCPU second', 'run/pricing', true),
  memory: price('Cloud Run functions, memory', 0.0000025, 'GiB second', 'run/pricing', true),
  idle: price(
    'Cloud Run functions, idle CPU of a kept instance',
    0.0000025,
    'vCPU second',
    'run/pricing',
    true,
  ),
  requests: price('Cloud Run functions, requests', 0.4, 'million', 'run/pricing', true),
  redisBasic: price(
    'Memorystore for Redis, Basic',
    0.049,
    'GB, hour',
    'memorystore/docs/redis/pricing',
  ),
  redisStandard: price(
    'Memorystore for Redis, Standard',
    0.064,
    'GB, hour',
    'memorystore/docs/redis/pricing',
  ),
  forwardingRule: price(
    'Load balancer, up to five forwarding rules',
    0.025,
    'hour',
    'vpc/network-pricing',
  ),
  balancerData: price('Load balancer, data in', 0.008, 'GB', 'vpc/network-pricing'),
  armorPolicy: price('Cloud Armor policy', 5, 'month', 'armor/pricing'),
  armorRule: price('Cloud Armor rule', 1, 'month', 'armor/pricing'),
  armorRequests: price('Cloud Armor requests', 0.75, 'million', 'armor/pricing'),
  secretVersion: price('Secret Manager version', 0.06, 'location, month', 'secret-manager/pricing'),
  schedulerJob: price('Cloud Scheduler job', 0.1, 'month', 'scheduler/pricing'),
  storage: price(
    'Cloud Storage, regional standard',
    0.02,
    'GB, month',
    'storage/pricing-examples',
    true,
  ),
  classA: price(
    'Cloud Storage, class A operations (objects made)',
    5,
    'million',
    'storage/pricing-examples',
    true,
  ),
  classB: price(
    'Cloud Storage, class B operations (objects read)',
    0.4,
    'million',
    'storage/pricing-examples',
    true,
  ),
  logs: price('Cloud Logging', 0.5, 'GiB taken in', 'stackdriver/pricing'),
} as const satisfies Readonly<Record<string, Price>>;
