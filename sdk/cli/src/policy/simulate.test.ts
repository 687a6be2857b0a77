import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AuditRecord } from '@vantio/schema';
import { checkPolicy } from '@vantio/schema/policy/parse-policy';
import type { PolicyInput } from '@vantio/schema/policy/policy-document';
import { createSimulation, type SimulationReport } from './simulate.ts';

type Rules = Omit<PolicyInput, 'v' | 'version'>;
const policyOf = (rules: Rules) => checkPolicy({ v: 1, version: 1, ...rules });

/** Of a record, what simulation looks at. */
const record = (fields: Partial<AuditRecord>): AuditRecord =>
  ({
    event_type: 'http_request',
    action_taken: 'OBSERVED',
    source: 'sdk_node',
    key_id: '0'.repeat(16),
    trace_id: '1'.repeat(32),
    occurred_at: '2026-11-26T10:00:00.000000Z',
    target_host: 'api.example',
    target_port: 443,
    http_method: 'POST',
    ...fields,
  }) as AuditRecord;

const llm = (fields: Partial<AuditRecord>): AuditRecord =>
  record({ event_type: 'llm_call', provider: 'openai', model: 'gpt-5', ...fields });

function simulated(
  rules: Rules,
  records: readonly AuditRecord[],
  against?: Rules,
): SimulationReport {
  const simulation = createSimulation(
    policyOf(rules),
    against === undefined ? undefined : policyOf(against),
  );
  for (const one of records) simulation.add(one);
  return simulation.report();
}

test('hosts, models and tools are counted by rule, coalesced events as many, with what was reached', () => {
  const { rules, unmeasured } = simulated(
    {
      mode: 'dry_run',
      blocked_hosts: [{ id: 'evil', host: '*.evil.example' }],
      models: { blocked: ['gpt-5'] },
      tools: { blocked: ['delete_*'] },
    },
    [
      record({ target_host: 'a.evil.example' }),
      record({ target_host: 'a.evil.example', action_taken: 'BLOCKED_HOST' }),
      record({ event_type: 'net_connect', target_host: 'a.evil.example', count: 3 }),
      llm({}),
      record({ event_type: 'mcp_tool_call', tool_name: 'delete_repo' }),
      record({ event_type: 'mcp_tool_call', tool_name: 'read' }),
    ],
  );
  assert.deepEqual(unmeasured, {});
  assert.deepEqual(
    rules.map(({ rule_id, does, calls, connections, refused_before, targets }) => [
      rule_id,
      does,
      calls,
      connections,
      refused_before,
      targets[0]?.target,
    ]),
    [
      ['evil', 'block', 2, 3, 1, 'a.evil.example:443'],
      ['models.blocked.0', 'block', 1, 0, 0, 'gpt-5 at api.example:443'],
      ['tools.blocked.0', 'block', 1, 0, 0, 'delete_repo'],
    ],
  );
});

test('tools are judged by their servers, too, and one whose name was cut is unmeasured', () => {
  const call = (fields: Partial<AuditRecord>) =>
    record({ event_type: 'mcp_tool_call', mcp_transport: 'stdio', tool_name: 'delete', ...fields });
  const long = 'x'.repeat(128);
  const calls = [
    call({ mcp_server: 'github' }),
    call({ mcp_server: 'github', action_taken: 'BLOCKED_TOOL' }),
    call({ mcp_server: 'files' }),
    call({}),
    call({ tool_name: long, truncated: true, mcp_server: 'files' }),
    call({ tool_name: long, mcp_server: 'files' }),
  ];
  const blocked = simulated(
    { tools: { blocked: [{ id: 'no-delete', tool: 'delete', server: 'git*' }] } },
    calls,
  );
  assert.deepEqual(
    blocked.rules.map(({ rule_id, calls: count, refused_before, targets }) => [
      rule_id,
      count,
      refused_before,
      targets,
    ]),
    [['no-delete', 2, 1, [{ target: 'delete of github', events: 2 }]]],
  );
  assert.deepEqual(blocked.unmeasured, { tool: 1 });
  const allowed = simulated({ tools: { allowed: [{ tool: 'delete', server: 'files' }] } }, calls);
  assert.deepEqual(
    allowed.rules.map(({ rule_id, calls: count }) => [rule_id, count]),
    [['tools.allowed', 4]],
  );
  assert.deepEqual(simulated({}, calls).unmeasured, {});
});

test('what metadata cannot tell is unmeasured', () => {
  const rules: Rules = {
    blocked_hosts: ['10.0.0.0/8', { host: 'x.example', agents: ['a'] }],
    redact_pii: {},
    spend: {
      caps: [
        { window: 'day', scope: 'key', limit_microusd: 1 },
        { window: 'day', scope: 'agent', limit_microusd: 1 },
      ],
    },
    kernel: { exec: { blocked: ['**/curl'] }, files: { blocked: ['**/.env'] } },
  };
  const { rules: counted, unmeasured } = simulated(rules, [
    llm({}),
    record({ event_type: 'net_connect', target_host: undefined as never }),
    record({ event_type: 'process_exec' }),
    record({ event_type: 'file_open' }),
  ]);
  assert.deepEqual(counted, []);
  assert.deepEqual(unmeasured, {
    agent: 1,
    address: 1,
    cost: 1,
    redaction: 1,
    host: 1,
    program: 1,
    file: 1,
  });
});

test('an address that was recorded decides a name', () => {
  const rules: Rules = { blocked_hosts: ['10.0.0.0/8'] };
  const report = simulated(rules, [
    record({ target_ip: '10.1.2.3' }),
    record({ target_ip: '8.8.8.8' }),
  ]);
  assert.deepEqual([report.rules[0]?.calls, report.unmeasured], [1, {}]);
});

test('what the kernel saw is decided as the kernel would', () => {
  const seen = {
    event_type: 'egress_verdict',
    source: 'kernel_agent',
    protocol: 'tcp',
    target_ip: '10.0.0.1',
  } as const;
  const { rules } = simulated({ kernel: {} }, [
    record({ ...seen, target_host: undefined as never }),
  ]);
  assert.deepEqual([rules[0]?.rule_id, rules[0]?.connections], ['kernel.private_networks', 1]);
});

test('redactions that were recorded are counted by the entities of the policy', () => {
  const { rules, unmeasured } = simulated({ redact_pii: { entities: ['email'] } }, [
    llm({ redactions: { email: 2, phone: 5 } }),
    llm({ redactions: { phone: 1 } }),
    record({ http_method: 'GET' }),
  ]);
  assert.deepEqual(
    rules.map(({ rule_id, entities }) => [rule_id, entities]),
    [['redact_pii', { email: 2 }]],
  );
  assert.deepEqual(unmeasured, {});
});

test('caps add up by window and scope, and what is refused is not added', () => {
  const cap = (more: object) =>
    ({
      caps: [{ id: 'cap', window: 'hour', scope: 'key', limit_microusd: 100, ...more }],
    }) as Rules['spend'];
  const calls = [
    llm({ cost_microusd: 60 }),
    llm({ cost_microusd: 60 }),
    llm({ cost_microusd: 40, model: 'other' }),
    llm({ cost_microusd: 60, key_id: 'f'.repeat(16) }),
    llm({ cost_microusd: 60, occurred_at: '2026-11-26T11:00:00.000000Z' }),
  ];
  const capped = (more: object) => simulated({ spend: cap(more) }, calls).rules[0];
  assert.deepEqual([capped({})?.calls, capped({})?.microusd, capped({})?.does], [1, 60, 'cap']);
  assert.equal(capped({ kind: 'soft' })?.does, 'flag');
  assert.equal(capped({ window: 'day' })?.calls, 2);
  assert.equal(capped({ scope: 'model' })?.calls, 2);
  assert.equal(capped({ models: ['other'] }), undefined);
});

test('tokens are priced by the policy’s own prices, cached ones apart', () => {
  const { rules } = simulated(
    {
      spend: {
        caps: [{ window: 'month', scope: 'key', limit_microusd: 0 }],
        prices: { 'GPT-5': { input: 1_000_000, output: 4_000_000, cached_input: 100_000 } },
      },
    },
    [llm({ input_tokens: 1000, cached_input_tokens: 500, output_tokens: 100, cost_microusd: 7 })],
  );
  assert.equal(rules[0]?.microusd, 500 + 50 + 400);
});

test('two policies are compared event by event', () => {
  const { changes } = simulated(
    { blocked_hosts: ['a.example', { id: 'new', host: 'b.example' }] },
    [
      record({ target_host: 'a.example' }),
      record({ target_host: 'b.example' }),
      record({ target_host: 'b.example' }),
      record({ target_host: 'c.example' }),
      record({ target_host: 'd.example' }),
    ],
    { blocked_hosts: ['c.example', { id: 'old', host: 'a.example' }] },
  );
  assert.deepEqual(changes, [
    { target: 'b.example:443', events: 2, after: 'new' },
    { target: 'a.example:443', events: 1, before: 'old', after: 'blocked_hosts.0' },
    { target: 'c.example:443', events: 1, before: 'blocked_hosts.0' },
  ]);
});

test('targets that a program makes up do not fill the memory', () => {
  const simulation = createSimulation(policyOf({ blocked_hosts: ['*'] }), policyOf({}));
  for (let at = 0; at < 25_000; at++) simulation.add(record({ target_host: `h${at}.example` }));
  const { rules, changes, lumped } = simulation.report();
  assert.equal(rules[0]?.calls, 25_000);
  assert.equal(changes?.length, 10_000);
  assert.equal(lumped, 30_000);
});
