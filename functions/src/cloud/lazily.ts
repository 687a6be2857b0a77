import type { HttpFunction, Request, Response } from '@google-cloud/functions-framework';
import { refuse, sendJson, sendRefusal } from '../door/problem-response.ts';
import { atEnd } from './drain/at-end.ts';
import { supervise } from './drain/supervise.ts';
import { logFault } from './log.ts';
import { type Exporter, isExporting, openExporter } from './metrics/exporter.ts';
import { measure } from './metrics/measure.ts';
import { inRequest } from './request-context.ts';
import { watchRefusals } from './watch-refusals.ts';

export type LazyOptions = {
  /** The function's name; default: the one that it is deployed under. */
  readonly name?: string;
  /** The longest body that it takes; default: what Pub/Sub can push. */
  readonly bodyBytes?: number;
};

const PUSHED_BYTES = 16 * 1024 * 1024;

/**
 * A function that is set up by its first request, and again by the next one if that failed: a client library is loaded only
 * where a request needs it, and a secret that was not there a moment ago may be there now.
 *
 * What every function has, it has from here: `/healthz` (this process answers; nothing else is touched), `/readyz` (it can be
 * set up), a request's trace in its log, its metrics, and an end in order.
 */
export function lazily(
  create: () => Promise<HttpFunction>,
  options: LazyOptions = {},
): HttpFunction {
  const { name = process.env.FUNCTION_TARGET ?? 'unknown', bodyBytes = PUSHED_BYTES } = options;
  supervise({ name, bodyBytes });
  watchRefusals();

  let ready: Promise<HttpFunction> | undefined;
  const prepared = async (): Promise<HttpFunction | undefined> => {
    ready ??= Promise.all([exporterIfAny(), create()]).then(([, handler]) => handler);
    try {
      return await ready;
    } catch (error) {
      ready = undefined;
      logFault('the function cannot start', error);
      return undefined;
    }
  };

  const serve = async (request: Request, response: Response): Promise<void> => {
    if (request.path === '/healthz') return sendJson(response, 200, '{"status":"ok"}');
    const handler = await prepared();
    if (handler === undefined) return sendRefusal(response, notReady);
    if (request.path === '/readyz') return sendJson(response, 200, '{"status":"ready"}');
    // Runs beside the request, for afterwards there may be no processor to send with.
    (await exporter)?.sendIfDue();
    const began = performance.now();
    response.once('close', () => measureAnswer(name, response, began));
    try {
      await handler(request, response);
    } catch (error) {
      logFault('a request failed', error);
      sendRefusal(response, refuse('internal', 'the operator sees the cause'));
    }
  };

  return (request, response) => inRequest(name, request, () => serve(request, response));
}

const notReady = refuse(
  'overloaded',
  'this function cannot start now; retry after the seconds in Retry-After',
  {},
  { 'retry-after': '30' },
);

function measureAnswer(name: string, response: Response, began: number): void {
  measure('vantio.request.duration', (performance.now() - began) / 1000, { function: name });
  const status = `${Math.floor(response.statusCode / 100)}xx`;
  measure('vantio.requests', 1, { function: name, status });
}

/** One for the process, whatever functions it holds. */
let exporter: Promise<Exporter | undefined> | undefined;

function exporterIfAny(): Promise<Exporter | undefined> | undefined {
  if (!isExporting()) return undefined;
  if (exporter !== undefined) return exporter;
  exporter = openExporter().catch((error: unknown) => {
    logFault('metrics cannot be exported', error);
    return undefined;
  });
  // Before anything else is opened, so that it is closed after all of it.
  atEnd('the exporter of metrics', async () => (await exporter)?.close());
  return exporter;
}
