import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MAX_POLICY_BYTES, parsePolicy } from './parse-policy.ts';
import type { PolicyError } from './policy-error.ts';

const fault = (policy: unknown): string => {
  try {
    parsePolicy(typeof policy === 'string' ? policy : JSON.stringify(policy));
    return 'taken';
  } catch (error) {
    const { code, message } = error as PolicyError;
    return `${code} ${message}`;
  }
};
const base = { v: 1, version: 1 };

const FAULTS: readonly (readonly [unknown, RegExp])[] = [
  ['{', /^not_json the policy is not JSON/],
  [[], /^bad_value the policy must be an object/],
  [{ v: 1 }, /^bad_value version: is missing: it must be a number/],
  [{ v: 1, versoin: 1 }, /^unknown_key versoin: is not a member of a policy/],
  [{ ...base, version: 0 }, /^bad_value version: must be at least 1/],
  [{ ...base, version: 1.5 }, /^bad_value version: must be an integer/],
  [{ ...base, v: 2 }, /^bad_value v: must be 1$/],
  [{ ...base, blocked_host: [] }, /^unknown_key blocked_host: is not a member of a policy/],
  [{ ...base, blocked_hosts: ['a b'] }, /^bad_value blocked_hosts\[0\]: must be a host name/],
  [
    { ...base, blocked_hosts: ['a', { host: 'b', ports: [1] }] },
    /^unknown_key blocked_hosts\[1\]\.ports/,
  ],
  [{ ...base, blocked_hosts: [{ hots: 'b' }] }, /^unknown_key blocked_hosts\[0\]\.hots/],
  [
    { ...base, blocked_hosts: [{ host: '10.0.0.1/8' }] },
    /^bad_value blocked_hosts\[0\]\.host: must be a host name/,
  ],
  [
    { ...base, blocked_hosts: [{ host: 'a', id: 'no space' }] },
    /^bad_value blocked_hosts\[0\]\.id: must be 1 to 64/,
  ],
  [{ ...base, blocked_hosts: [7] }, /^bad_value blocked_hosts\[0\]: /],
  [{ ...base, mode: 'on' }, /^bad_value mode: must be one of enforce, dry_run/],
  [{ ...base, expires_at: '2027-02-30T00:00:00Z' }, /^bad_value expires_at: names no day/],
  [
    { ...base, redact_pii: { entities: ['emails'] } },
    /^bad_value redact_pii\.entities\[0\]: must be one of/,
  ],
  [
    { ...base, spend: { caps: [{ window: 'day', scope: 'key' }] } },
    /^bad_value spend\.caps\[0\]\.limit_microusd: is missing/,
  ],
  [
    { ...base, kernel: { egress: { allowed: [{ to: '10.0.0.0/8', ports: ['9-8'] }] } } },
    /^bad_value kernel\.egress\.allowed\[0\]\.ports\[0\]: must be a port/,
  ],
  [
    { ...base, kernel: { exec: { blocked: ['bin/sh'] } } },
    /^bad_value kernel\.exec\.blocked\[0\]: must be an absolute path/,
  ],
  [' '.repeat(MAX_POLICY_BYTES + 1), /^too_large the policy is larger than/],
];

for (const [policy, expected] of FAULTS)
  test(`a policy is refused: ${expected.source.slice(1, 60)}`, () => {
    assert.match(fault(policy), expected);
  });

test('a policy is taken with every default filled in', () => {
  assert.deepEqual(parsePolicy('{"v":1,"version":3}'), {
    v: 1,
    version: 3,
    max_age: 60,
    stale_if_error: 86_400,
    mode: 'enforce',
    on_unavailable: 'observe',
    blocked_hosts: [],
    allowed_hosts: [],
    models: { blocked: [], allowed: [] },
    tools: { blocked: [], allowed: [] },
  });
});

test('no fault quotes what a file says', () => {
  const secret = 'hunter2 hunter2';
  for (const policy of [
    { ...base, mode: secret },
    { ...base, blocked_hosts: [secret] },
    { ...base, blocked_hosts: [{ host: secret }] },
    { ...base, [secret]: 1 },
  ])
    assert.doesNotMatch(fault(policy), /hunter2 hunter2/);
});
