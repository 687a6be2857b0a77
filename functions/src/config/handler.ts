import { createHash } from 'node:crypto';
import type { HttpFunction } from '@google-cloud/functions-framework';
import { MAX_RECORD_BYTES } from '@vantio/schema';
import type { ConfigAnswer } from '@vantio/schema/wire/config-answer';
import { WIRE_LIMITS } from '@vantio/schema/wire/limits';
import { type Caller, type Doorkeeper, isRefusal } from '../door/doorkeeper.ts';
import { sendJson, sendRefusal } from '../door/problem-response.ts';
import type { RateLimiter } from '../door/rate-limit.ts';
import { monthlyLimitOf } from '../ingest/quota.ts';

export type ConfigOptions = {
  readonly doorkeeper: Doorkeeper;
  readonly rateLimiter: RateLimiter;
  readonly requestsPerMinute: number;
};

/** `GET /api/v1/config`: what the key's tenant may do, with an ETag so that a poll costs a 304. */
export const createConfig =
  ({ doorkeeper, rateLimiter, requestsPerMinute }: ConfigOptions): HttpFunction =>
  async (request, response) => {
    const caller = doorkeeper(request.headers.authorization);
    if (isRefusal(caller)) return sendRefusal(response, caller);
    if (!(await rateLimiter(request, response, caller))) return;
    const body = JSON.stringify(configOf(caller, requestsPerMinute));
    const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;
    const headers = { etag, 'cache-control': 'private, no-cache', vary: 'authorization' };
    if (matches(request.headers['if-none-match'], etag)) {
      response.writeHead(304, headers);
      response.end();
      return;
    }
    sendJson(response, 200, body, headers);
  };

const configOf = ({ claims }: Caller, requestsPerMinute: number): ConfigAnswer => {
  const eventsPerMonth = monthlyLimitOf(claims.plan);
  return {
    v: 1,
    tenant_id: claims.tenantId,
    plan: claims.plan,
    mode: 'observe',
    limits: {
      wire_bytes: WIRE_LIMITS.wireBytes,
      inflated_bytes: WIRE_LIMITS.inflatedBytes,
      records: WIRE_LIMITS.records,
      record_bytes: MAX_RECORD_BYTES,
      requests_per_minute: requestsPerMinute,
      ...(eventsPerMonth === undefined ? {} : { events_per_month: eventsPerMonth }),
    },
  };
};

/** RFC 9110 section 13.1.2: weak comparison. */
const matches = (header: string | undefined, etag: string): boolean =>
  header !== undefined &&
  (header.trim() === '*' ||
    header.split(',').some((candidate) => candidate.trim().replace(/^W\//, '') === etag));
