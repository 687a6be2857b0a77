import { PROBLEMS, type ProblemCode } from './problem.ts';

export type Json = Record<string, unknown>;

export const RATE_HEADERS = {
  'RateLimit-Limit': header('Requests a minute under this API key.'),
  'RateLimit-Remaining': header('Requests left in this window.'),
  'RateLimit-Reset': header('Seconds until the window ends.'),
  'RateLimit-Policy': {
    description: 'The limit and its window, such as 100;w=60.',
    schema: { type: 'string' },
  },
};

function header(description: string): Json {
  return { description, schema: { type: 'integer', minimum: 0 } };
}

export const rateHeaders = (): Json =>
  Object.fromEntries(
    Object.keys(RATE_HEADERS).map((name) => [name, { $ref: `#/components/headers/${name}` }]),
  );

export const KEY_PROBLEMS = [
  'malformed_request',
  'missing_key',
  'malformed_key',
  'unknown_signer',
  'forged_key',
  'expired_key',
  'revoked_key',
  'headers_too_large',
] as const satisfies readonly ProblemCode[];

export const SERVER_PROBLEMS = [
  'internal',
  'overloaded',
  'store_unavailable',
  'revocations_unreadable',
] as const satisfies readonly ProblemCode[];

const RETRY_STATUSES: ReadonlySet<number> = new Set([429, 503]);

/** One response for each status, telling its problems apart. */
export function problems(...codes: readonly ProblemCode[]): Json {
  // Map.groupBy would do; Node 20 has none.
  const statuses = new Set(codes.map((code) => PROBLEMS[code][0]));
  return Object.fromEntries(
    [...statuses].map((status) => [
      status,
      {
        description: codes
          .filter((code) => PROBLEMS[code][0] === status)
          .map((code) => `\`${code}\`: ${PROBLEMS[code][1]}.`)
          .join(' '),
        ...(RETRY_STATUSES.has(status)
          ? { headers: { 'Retry-After': header('Seconds to wait.') } }
          : {}),
        content: { 'application/problem+json': { schema: ref('Problem') } },
      },
    ]),
  );
}

export const ref = (name: string): Json => ({ $ref: `#/components/schemas/${name}` });
