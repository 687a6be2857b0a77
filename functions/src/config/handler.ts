import { createHash } from 'node:crypto';
import type { HttpFunction } from '@google-cloud/functions-framework';
import { MAX_RECORD_BYTES } from '@vantio/schema';
import type { ConfigAnswer } from '@vantio/schema/wire/config-answer';
import { WIRE_LIMITS } from '@vantio/schema/wire/limits';
import { type Caller, type Doorkeeper, isRefusal } from '../door/doorkeeper.ts';
import { refuse, sendJson, sendRefusal } from '../door/problem-response.ts';
import type { RateLimiter } from '../door/rate-limit.ts';
import { monthlyLimitOf } from '../ingest/quota.ts';
import type { PolicyOf, ServedPolicy } from './policy-of.ts';

export type ConfigOptions = {
  readonly doorkeeper: Doorkeeper;
  readonly rateLimiter: RateLimiter;
  readonly requestsPerMinute: number;
  /** Absent: no tenant has a policy. */
  readonly policyOf?: PolicyOf;
  readonly onFault?: (message: string, error: unknown) => void;
};

/** `GET /api/v1/config`: what the key's tenant may do, with an ETag so that a poll costs a 304. */
export const createConfig =
  (options: ConfigOptions): HttpFunction =>
  async (request, response) => {
    const { doorkeeper, rateLimiter, requestsPerMinute } = options;
    const caller = doorkeeper(request.headers.authorization);
    if (isRefusal(caller)) return sendRefusal(response, caller);
    if (!(await rateLimiter(request, response, caller))) return;
    const policy = await policyFor(caller, options);
    if (policy === 'unknown')
      return sendRefusal(
        response,
        refuse(
          'store_unavailable',
          'the policy cannot be read; ask again',
          {},
          { 'retry-after': '5' },
        ),
      );
    const config = configOf(caller, requestsPerMinute, policy);
    const etag = etagOf(JSON.stringify(config) + (policy?.envelope ?? ''));
    const headers = { etag, 'cache-control': 'private, no-cache', vary: 'authorization' };
    if (matches(request.headers['if-none-match'], etag)) {
      response.writeHead(304, headers);
      response.end();
      return;
    }
    const body = { ...config, ...(policy === undefined ? {} : { policy: policy.envelope }) };
    sendJson(response, 200, JSON.stringify(body satisfies ConfigAnswer), headers);
  };

const etagOf = (text: string): string =>
  `"${createHash('sha256').update(text).digest('base64url').slice(0, 22)}"`;

/** Unknown is not none. Of either an emitter that has had a policy keeps the last: whoever can answer in our place must not be able to take it away. */
async function policyFor(
  { claims }: Caller,
  { policyOf, onFault }: ConfigOptions,
): Promise<ServedPolicy | undefined | 'unknown'> {
  try {
    return await policyOf?.(claims.tenantId);
  } catch (error) {
    onFault?.('a policy cannot be read', error);
    return 'unknown';
  }
}

const configOf = (
  { claims }: Caller,
  requestsPerMinute: number,
  policy: ServedPolicy | undefined,
): ConfigAnswer => {
  const eventsPerMonth = monthlyLimitOf(claims.plan);
  return {
    v: 1,
    tenant_id: claims.tenantId,
    plan: claims.plan,
    mode: policy?.mode ?? 'observe',
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
