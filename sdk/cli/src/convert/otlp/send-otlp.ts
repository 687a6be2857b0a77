import type { SoundLine } from '../../import/read-sound-lines.ts';
import { plural } from '../../terminal/quantities.ts';
import type { Made } from '../form.ts';
import { batchesOf, type Signal } from './batches.ts';
import { logRecord } from './log-record.ts';
import { postBatches } from './post-batches.ts';
import { headersOf, signalUrl } from './receiver.ts';
import { span } from './span.ts';

type SignalForm = Signal & {
  readonly path: 'v1/logs' | 'v1/traces';
  readonly noun: string;
  readonly toItem: (line: SoundLine) => object | undefined;
};

const SIGNALS = {
  logs: {
    path: 'v1/logs',
    resources: 'resourceLogs',
    scopes: 'scopeLogs',
    items: 'logRecords',
    noun: 'log record',
    toItem: logRecord,
  },
  spans: {
    path: 'v1/traces',
    resources: 'resourceSpans',
    scopes: 'scopeSpans',
    items: 'spans',
    noun: 'span',
    toItem: span,
  },
} as const satisfies Readonly<Record<string, SignalForm>>;

/** Posts a ledger to an OTLP/HTTP receiver as JSON. @throws {CliError} */
export async function sendOtlp(
  endpoint: string,
  records: Iterable<SoundLine>,
  name: keyof typeof SIGNALS,
): Promise<Made> {
  const signal: SignalForm = SIGNALS[name];
  const url = signalUrl(endpoint, signal.path);
  const headers = headersOf(process.env.OTEL_EXPORTER_OTLP_HEADERS ?? '');
  let left = 0;
  const posted = await postBatches(
    batchesOf(records, signal, (line) => {
      const item = signal.toItem(line);
      if (item === undefined) left++;
      return item;
    }),
    { url, headers },
  );
  const { sent, requests } = posted;
  return {
    lines: [
      `${url}  ${plural(sent, signal.noun)} in ${plural(requests, 'request')}`,
      ...(left === 0
        ? []
        : [`${plural(left, 'record')} left out, for they are of no call in a trace`]),
    ],
    json: { url, ...posted, left },
  };
}
