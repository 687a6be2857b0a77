import { ownFrames } from './own-frames.ts';
import { currentRequest } from './request-context.ts';

/**
 * One line of JSON on standard output for each entry, as Cloud Logging reads it
 * (https://cloud.google.com/logging/docs/structured-logging). Entries hold codes, counts and ids; never content, never a key.
 */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;
export type Severity = 'INFO' | 'WARNING' | 'ERROR';

export function log(severity: Severity, message: string, fields: LogFields = {}): void {
  write({ severity, message, ...fields });
}

/** What Error Reporting takes from a log entry without being asked
 * (https://cloud.google.com/error-reporting/docs/formatting-error-messages). */
const REPORTED =
  'type.googleapis.com/google.devtools.clouderrorreporting.v1beta1.ReportedErrorEvent';

/**
 * For what went wrong inside: the error's class and code, and where in this program it was. Its message is left out, for it
 * may quote what was sent, or a secret.
 * @param message fixed text; errors are grouped by it and by the place.
 */
export const logFault = (message: string, error: unknown): void => {
  const kind = classOf(error);
  const code = codeOf(error);
  const frames = ownFrames(error);
  const service = process.env.K_SERVICE ?? 'vantio';
  write({
    severity: 'ERROR',
    message,
    error: kind,
    ...(code === undefined ? {} : { code }),
    '@type': REPORTED,
    serviceContext: { service, version: process.env.K_REVISION ?? 'local' },
    ...(frames.length > 0
      ? { stack_trace: [`${kind}: ${message}`, ...frames].join('\n') }
      : { context: { reportLocation: { functionName: message } } }),
  });
};

const WORD = /^[A-Za-z][A-Za-z0-9_]{0,63}$/;

/** Names and codes are the libraries' and ours, but an error is an object that anybody may have made. */
function classOf(error: unknown): string {
  const name = (error as { readonly name?: unknown } | null | undefined)?.name;
  return typeof name === 'string' && WORD.test(name) ? name : 'unknown';
}

function codeOf(error: unknown): string | number | undefined {
  const code = (error as { readonly code?: unknown } | null | undefined)?.code;
  if (typeof code === 'number') return code;
  return typeof code === 'string' && WORD.test(code) ? code : undefined;
}

function write(entry: Readonly<Record<string, unknown>>): void {
  process.stdout.write(`${JSON.stringify({ ...entry, ...traceFields() })}\n`);
}

const PROJECT = /^[a-z][a-z0-9:.-]{0,62}$/;

/** Puts an entry beside the request's own in the log, and beside its trace. */
function traceFields(): Readonly<Record<string, string | boolean>> {
  const trace = currentRequest()?.trace;
  const project = process.env.GOOGLE_CLOUD_PROJECT ?? '';
  if (trace === undefined || !PROJECT.test(project)) return {};
  return {
    'logging.googleapis.com/trace': `projects/${project}/traces/${trace.traceId}`,
    ...(trace.spanId === undefined ? {} : { 'logging.googleapis.com/spanId': trace.spanId }),
    'logging.googleapis.com/trace_sampled': trace.sampled,
  };
}
