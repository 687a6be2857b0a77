import type { ClientRequest, IncomingMessage } from 'node:http';
import type { ResponseWatch } from './body/body-guard.ts';
import type { Patches } from './patches.ts';
import { watchReadable } from './watch-readable.ts';
import { whileEnforcing } from './while-enforcing.ts';

const watches = new WeakMap<ClientRequest, ResponseWatch>();

export const watchResponse = (request: ClientRequest, watch: ResponseWatch): void =>
  void watches.set(request, watch);

/** Responses of watched requests, from before their first byte is read on. */
export function guardHttpResponses(patches: Patches): void {
  whileEnforcing<{ request: ClientRequest; response: IncomingMessage }>(
    patches,
    'http.client.response.finish',
    ({ request, response }) => {
      const watch = watches.get(request);
      if (!watch) return;
      watches.delete(request);
      watch.head(response.statusCode ?? 0, (name) => {
        const value = response.headers[name];
        return Array.isArray(value) ? value[0] : value;
      });
      if (watch.restores) delete response.headers['content-length'];
      watchReadable(response, watch);
    },
  );
  whileEnforcing<{ request: ClientRequest; error: unknown }>(
    patches,
    'http.client.request.error',
    ({ request, error }) => {
      watches.get(request)?.fail(error);
      watches.delete(request);
    },
  );
}
