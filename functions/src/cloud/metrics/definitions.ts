import { PROBLEM_CODES } from '@vantio/schema/wire/problem';

export type Definition = {
  readonly kind: 'counter' | 'gauge' | 'histogram';
  /** UCUM. */
  readonly unit: string;
  readonly description: string;
  /** Upper bounds of a histogram's buckets. */
  readonly buckets?: readonly number[];
  /** Every label, and every value that it can have. Another value leaves as `other`, another label not at all. */
  readonly labels: Readonly<Record<string, readonly string[]>>;
};

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30];
const RECORDS = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000];

export const FUNCTION_LABELS = [
  'config',
  'ingest',
  'writer',
  'sealer',
  'keymaker',
  'quota',
  'log',
] as const;

/** Of google.rpc.Code, what Spanner answers to a commit. */
export const COMMIT_CODES = [
  'ok',
  'already_exists',
  'aborted',
  'unavailable',
  'deadline_exceeded',
  'resource_exhausted',
  'permission_denied',
  'not_found',
  'invalid_argument',
  'failed_precondition',
  'out_of_range',
] as const;

/** Why a message is a dead letter: what the writer writes into its attributes. */
const DEAD_LETTER_REASONS = [
  'malformed_message',
  'unknown_signer',
  'forged_message',
  'invalid_record',
  'invalid_row',
  'row_refused',
  'check_failed',
] as const;

/**
 * All that is measured. No label can hold what a client chose: their values are the closed sets of this table, so neither
 * content nor a tenant's or key's id can leave with a metric, and the number of series is bounded.
 */
export const METRICS = {
  'vantio.requests': {
    kind: 'counter',
    unit: '{request}',
    description: 'Requests answered.',
    labels: { function: FUNCTION_LABELS, status: ['2xx', '3xx', '4xx', '5xx'] },
  },
  'vantio.request.duration': {
    kind: 'histogram',
    unit: 's',
    description: 'From the handler’s first line to the end of the answer.',
    buckets: SECONDS,
    labels: { function: FUNCTION_LABELS },
  },
  'vantio.requests.refused': {
    kind: 'counter',
    unit: '{request}',
    description: 'Requests answered with a problem, by its code.',
    labels: { function: FUNCTION_LABELS, reason: PROBLEM_CODES },
  },
  'vantio.bytes.held': {
    kind: 'gauge',
    unit: 'By',
    description: 'Room taken by bodies under way in this instance.',
    labels: { function: FUNCTION_LABELS },
  },
  'vantio.events.accepted': {
    kind: 'counter',
    unit: '{event}',
    description: 'Records that Pub/Sub acknowledged.',
    labels: {},
  },
  'vantio.batch.records': {
    kind: 'histogram',
    unit: '{event}',
    description: 'Records in an accepted batch.',
    buckets: RECORDS,
    labels: {},
  },
  'vantio.publish.duration': {
    kind: 'histogram',
    unit: 's',
    description:
      'Signing and publishing one batch, until Pub/Sub has acknowledged all of it or failed.',
    buckets: SECONDS,
    labels: { outcome: ['ok', 'failed'] },
  },
  'vantio.messages': {
    kind: 'counter',
    unit: '{message}',
    description: 'Messages pushed to the writer, by what became of them.',
    labels: { outcome: ['stored', 'dead_letter', 'retry', 'refused'] },
  },
  'vantio.dead_letters': {
    kind: 'counter',
    unit: '{message}',
    description: 'Messages that the writer set aside, by reason.',
    labels: { reason: DEAD_LETTER_REASONS },
  },
  'vantio.rows': {
    kind: 'counter',
    unit: '{row}',
    description: 'Records of pushed messages, by what the ledger said.',
    labels: { outcome: ['inserted', 'duplicate', 'refused'] },
  },
  'vantio.commits': {
    kind: 'counter',
    unit: '{commit}',
    description:
      'Commits asked of Spanner, by its answer; all but ok and already_exists are tried again or fail.',
    labels: { code: COMMIT_CODES },
  },
  'vantio.commit.duration': {
    kind: 'histogram',
    unit: 's',
    description: 'One commit, whatever its answer.',
    buckets: SECONDS,
    labels: {},
  },
  'vantio.redis.away': {
    kind: 'counter',
    unit: '{fallback}',
    description: 'Times that this instance’s own count decided, for Redis did not answer.',
    labels: {},
  },
  'vantio.revocations.age': {
    kind: 'gauge',
    unit: 's',
    description: 'Age of the list of revoked keys that the door goes by.',
    labels: {},
  },
} as const satisfies Readonly<Record<string, Definition>>;

export type MetricName = keyof typeof METRICS;

/** The labels of one metric. Values are plain text here, for codes come from outside; `measure` holds them to the table. */
export type Labels<Name extends MetricName> = Readonly<
  Record<keyof (typeof METRICS)[Name]['labels'], string>
>;
