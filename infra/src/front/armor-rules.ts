import type * as gcp from '@pulumi/gcp';
import {
  DEFAULT_REQUESTS_PER_MINUTE,
  LOG_REQUESTS_PER_MINUTE,
  WIRE_LIMITS,
} from '../../../schema/src/wire/limits.ts';

export type ArmorRule = gcp.types.input.compute.SecurityPolicyRule;

/** Above the functions' own limit, whose 429 says when to come again: this one only breaks floods. */
const REQUESTS_A_MINUTE_PER_KEY = LOG_REQUESTS_PER_MINUTE + 3 * DEFAULT_REQUESTS_PER_MINUTE;
const REQUESTS_A_MINUTE_WITHOUT_KEY = 60;

const LENGTH = "request.headers['content-length']";
const CODING = "request.headers['content-encoding']";
const KEY = "has(request.headers['authorization'])";

const when = (expression: string) => ({ expr: { expression } });
const perMinute = (count: number) => ({
  conformAction: 'allow',
  exceedAction: 'deny(429)',
  rateLimitThreshold: { count, intervalSec: 60 },
});

/**
 * In order of priority. Every request either carries a key or does not, so the last rule is reached only by what the
 * others could not judge.
 */
export const ARMOR_RULES: readonly ArmorRule[] = [
  {
    priority: 1000,
    description: 'body larger than a batch may be',
    action: 'deny(403)',
    match: when(`has(${LENGTH}) && int(${LENGTH}) > ${WIRE_LIMITS.wireBytes}`),
  },
  {
    priority: 1100,
    description: 'body of unknown length',
    action: 'deny(403)',
    match: when(`request.method == 'POST' && !has(${LENGTH})`),
  },
  {
    priority: 1200,
    // The framework inflates a body before the function sees it: a small one can become gigabytes.
    description: 'body with a Content-Encoding',
    action: 'deny(403)',
    match: when(`has(${CODING})`),
  },
  {
    priority: 2000,
    description: 'requests under one API key',
    action: 'throttle',
    match: when(KEY),
    // The first 128 bytes of the header count: `Bearer vk1.<tenant>.<key id>` is at most 92.
    rateLimitOptions: {
      ...perMinute(REQUESTS_A_MINUTE_PER_KEY),
      enforceOnKey: 'HTTP_HEADER',
      enforceOnKeyName: 'authorization',
    },
  },
  {
    priority: 2100,
    description: 'requests without an API key',
    action: 'throttle',
    match: when(`!${KEY}`),
    rateLimitOptions: { ...perMinute(REQUESTS_A_MINUTE_WITHOUT_KEY), enforceOnKey: 'IP' },
  },
  {
    priority: 2_147_483_647,
    description: 'everything else',
    action: 'deny(403)',
    match: { versionedExpr: 'SRC_IPS_V1', config: { srcIpRanges: ['*'] } },
  },
];
