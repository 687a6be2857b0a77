/** What a person is woken for, and the page that says what to do. */
export type Alert = {
  /** Also the runbook: `infra/runbooks/<name>.md`. */
  readonly name: string;
  readonly title: string;
  readonly when: Threshold | LogMatch;
};

export type Threshold = {
  readonly kind: 'threshold';
  readonly filter: string;
  readonly aligner:
    | 'ALIGN_MAX'
    | 'ALIGN_RATE'
    | 'ALIGN_DELTA'
    | 'ALIGN_PERCENTILE_99'
    | 'ALIGN_MEAN';
  readonly above: number;
  /** How long it must hold, in seconds. */
  readonly seconds: number;
  readonly reducer?: 'REDUCE_SUM' | 'REDUCE_MAX';
};

export type LogMatch = { readonly kind: 'log'; readonly filter: string };

const subscription = (id: string, metric: string): string =>
  `resource.type="pubsub_subscription" AND resource.labels.subscription_id="${id}" AND metric.type="pubsub.googleapis.com/subscription/${metric}"`;
const service = (name: string, metric: string): string =>
  `resource.type="cloud_run_revision" AND resource.labels.service_name="${name}" AND metric.type="run.googleapis.com/${metric}"`;
const ADMIN =
  'log_id("cloudaudit.googleapis.com/activity") AND protoPayload.serviceName="spanner.googleapis.com"';

export const ALERTS: readonly Alert[] = [
  {
    name: 'dead-letters',
    title: 'Messages that the writer will not take',
    when: {
      kind: 'threshold',
      filter: subscription('vantio-dead-letter', 'num_undelivered_messages'),
      aligner: 'ALIGN_MAX',
      above: 0,
      seconds: 0,
    },
  },
  {
    name: 'ledger-backlog',
    title: 'Acknowledged events wait to be written for over five minutes',
    when: {
      kind: 'threshold',
      filter: subscription('vantio-ledger-writer', 'oldest_unacked_message_age'),
      aligner: 'ALIGN_MAX',
      above: 300,
      seconds: 300,
    },
  },
  {
    name: 'ingest-errors',
    title: 'Ingest answers 5xx',
    when: {
      kind: 'threshold',
      filter: `${service('vantio-ingest', 'request_count')} AND metric.labels.response_code_class="5xx"`,
      aligner: 'ALIGN_RATE',
      reducer: 'REDUCE_SUM',
      above: 0.1,
      seconds: 300,
    },
  },
  {
    name: 'ingest-slow',
    title: 'One request in a hundred waits over two seconds for ingest',
    when: {
      kind: 'threshold',
      filter: service('vantio-ingest', 'request_latencies'),
      aligner: 'ALIGN_PERCENTILE_99',
      reducer: 'REDUCE_MAX',
      above: 2000,
      seconds: 600,
    },
  },
  {
    name: 'spanner-busy',
    title: 'Spanner works above what it should',
    when: {
      kind: 'threshold',
      filter:
        'resource.type="spanner_instance" AND resource.labels.instance_id="vantio" AND metric.type="spanner.googleapis.com/instance/cpu/utilization_by_priority" AND metric.labels.priority="high"',
      aligner: 'ALIGN_MAX',
      reducer: 'REDUCE_SUM',
      above: 0.8,
      seconds: 900,
    },
  },
  {
    name: 'redis-full',
    title: 'Redis is nearly full: limits are about to be each instance’s own',
    when: {
      kind: 'threshold',
      filter:
        'resource.type="redis_instance" AND metric.type="redis.googleapis.com/stats/memory/usage_ratio"',
      aligner: 'ALIGN_MAX',
      above: 0.8,
      seconds: 600,
    },
  },
  {
    name: 'redis-away',
    title: 'Redis does not answer: limits are each instance’s own',
    when: {
      kind: 'log',
      // functions/src/cloud/create-door.ts says it each time that an instance decides alone.
      filter:
        'resource.type="cloud_run_revision" AND resource.labels.service_name=~"^vantio-(config|ingest)$" AND jsonPayload.message="redis_away"',
    },
  },
  {
    name: 'sealer-failing',
    title: 'A log could not be sealed',
    when: {
      kind: 'log',
      filter:
        '((resource.type="cloud_scheduler_job" AND resource.labels.job_id=("vantio-seal" OR "vantio-sweep")) OR (resource.type="cloud_run_revision" AND resource.labels.service_name="vantio-sealer")) AND severity>=ERROR',
    },
  },
  {
    name: 'quota-failing',
    title: 'Counts of free tenants could not be held against the ledger',
    when: {
      kind: 'log',
      filter:
        'resource.type="cloud_scheduler_job" AND resource.labels.job_id="vantio-quota" AND severity>=ERROR',
    },
  },
  {
    name: 'secret-due',
    title: 'A key is due for rotation',
    when: {
      kind: 'threshold',
      filter: subscription('vantio-secret-rotation', 'num_undelivered_messages'),
      aligner: 'ALIGN_MAX',
      above: 0,
      seconds: 0,
    },
  },
  {
    name: 'ledger-administered',
    title: 'Somebody changed the ledger’s schema, rights or protection',
    when: {
      kind: 'log',
      filter: `${ADMIN} AND protoPayload.methodName=~"(UpdateDatabaseDdl|UpdateDatabase|DropDatabase|SetIamPolicy|UpdateInstance|DeleteInstance|DeleteBackup)$"`,
    },
  },
];
