import type { HttpFunction } from '@google-cloud/functions-framework';
import { DEFAULT_REQUESTS_PER_MINUTE } from '@vantio/schema/wire/limits';
import { openApiDocument } from '@vantio/schema/wire/openapi';
import { createConfig } from '../config/handler.ts';
import { refuse, sendJson, sendRefusal } from '../door/problem-response.ts';
import { createDoor } from './create-door.ts';

/** `config` in the cloud, from the environment; it also answers the two addresses that need no key. */
export async function createCloudConfig(): Promise<HttpFunction> {
  const door = await createDoor();
  const openApi = JSON.stringify(openApiDocument());
  const config = door.behind(
    createConfig({
      doorkeeper: door.doorkeeper,
      // Without a ledger of its own: what is refused here is in the log.
      rateLimiter: door.createRateLimiter(() => {}),
      requestsPerMinute: DEFAULT_REQUESTS_PER_MINUTE,
    }),
  );
  return (request, response) => {
    if (request.path === '/api/v1/openapi.json') return sendJson(response, 200, openApi);
    if (request.path !== '/api/v1/config')
      return sendRefusal(response, refuse('not_found', 'the path is /api/v1/config'));
    return config(request, response);
  };
}
