import type { HttpFunction } from '@google-cloud/functions-framework';
import { logFault } from './log.ts';

/**
 * A function that is set up by its first request, and again by the next one if that failed: a client library is loaded only
 * where a request needs it, and a secret that was not there a moment ago may be there now.
 */
export function lazily(create: () => Promise<HttpFunction>): HttpFunction {
  let ready: Promise<HttpFunction> | undefined;
  return async (request, response) => {
    ready ??= create();
    let handler: HttpFunction;
    try {
      handler = await ready;
    } catch (error) {
      ready = undefined;
      logFault('the function cannot start', error);
      response.status(503).set('retry-after', '30').end();
      return;
    }
    await handler(request, response);
  };
}
