import { requiredWord } from '@vantio/schema/written/word';
import { greetAgent } from './agent/agent.ts';
import { childEnv } from './context/child-env.ts';
import { currentSpan } from './context/current-span.ts';
import { debug } from './context/debug.ts';
import { now } from './context/main-realm.ts';
import { processTrace } from './context/process-trace.ts';
import { shield as makeShield, runInTrace } from './context/shield.ts';
import { EXEMPT, traceIdOf } from './context/span.ts';
import { parseTraceparent } from './context/traceparent.ts';
import { shutdown as endSession, flush, start, tellIfIdle } from './emit/lifecycle.ts';
import {
  beginEnforcing,
  endEnforcing,
  explain,
  getPolicy,
  guardBedrock,
  guardMcp as guardTools,
} from './enforce/begin.ts';
import { VantioBlockedError } from './enforce/blocked-error.ts';
import { internals } from './internals.ts';
import { observe } from './observe/observe.ts';
import { propagate } from './propagate/propagate.ts';
import { traceHeaders } from './propagate/trace-headers.ts';
import { record } from './record/queue.ts';
import { fieldOf } from './record/written-field.ts';

const SEVERITIES = ['info', 'low', 'medium', 'high', 'critical'] as const;
type Severity = (typeof SEVERITIES)[number];

function shield(first: unknown, second?: unknown): unknown {
  const shielded = makeShield(first, second);
  tellIfIdle();
  return shielded;
}

function guardMcp<C>(client: C): C {
  tellIfIdle();
  return guardTools(client);
}

function getCurrentTraceId(): string | undefined {
  const span = currentSpan();
  return span === undefined || span === EXEMPT ? processTrace?.id : traceIdOf(span);
}

/** A code that does not fit is made to fit, and a severity that there is not is replaced: an anomaly must not be lost. */
function reportAnomaly(code: string, options?: { severity?: Severity }): void {
  tellIfIdle();
  const written = requiredWord('anomaly_code', typeof code === 'string' ? code : '');
  if (written.text !== code)
    debug('reportAnomaly: the code is not 1 to 64 of a-z 0-9 _ . - and was made to fit');
  record({
    type: 'anomaly',
    at: now(),
    span: currentSpan(),
    detail: {
      ...fieldOf('anomaly_code', written),
      severity: severityOf(options),
    },
  });
}

function severityOf(options: { severity?: Severity } | undefined): Severity {
  try {
    return SEVERITIES.find((severity) => severity === options?.severity) ?? 'medium';
  } catch {
    // The host's own getter.
    return 'medium';
  }
}

function continueTrace<R>(traceparent: string | null | undefined, fn: () => R): R {
  const remote = typeof traceparent === 'string' ? parseTraceparent(traceparent) : undefined;
  if (remote)
    return runInTrace(
      { id: remote.traceId, origin: 'inherited', remoteSpan: remote.spanId, flags: remote.flags },
      fn,
    );
  if (traceparent) debug('continueTrace: not a W3C traceparent; no trace is continued');
  return fn();
}

/** Puts back what enforcing has replaced, ends the session and stops recording. */
async function shutdown(): Promise<void> {
  const undone = endEnforcing();
  await endSession();
  await undone;
}

export const api = {
  shield,
  getCurrentTraceId,
  reportAnomaly,
  childEnv,
  continueTrace,
  traceHeaders,
  flush,
  shutdown,
  getPolicy,
  explain,
  guardBedrock,
  guardMcp,
  VantioBlockedError,
  internals,
};

export { shared } from './shared.ts';

export type Api = typeof api;

start();
greetAgent();
observe();
propagate();
beginEnforcing();
