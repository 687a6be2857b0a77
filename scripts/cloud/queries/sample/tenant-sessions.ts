import { createEmitter, type Emitter, type Telling } from './emitter.ts';

export const TRACE_1 = '4bf92f3577b34da6a3ce929d0e0e4736';
export const TRACE_2 = 'a3ce929d0e0e47364bf92f3577b34da6';
export const TRACE_3 = '0e0e47364bf92f3577b34da6a3ce929d';

const OPENAI = { provider: 'openai', target_host: 'api.openai.com', target_port: 443 } as const;
const ANTHROPIC = {
  provider: 'anthropic',
  target_host: 'api.anthropic.com',
  target_port: 443,
} as const;
const CAP = { spend_window: 'day', spend_scope: 'key', spend_limit_microusd: 10_000 } as const;
const FETCH = { client: 'fetch', target_port: 443, process_name: 'node' } as const;

/** An agent that calls models, hosts and tools under a policy, over midnight, and ends cleanly. */
export function agentSession(telling: Telling, policySha256: string): Emitter {
  const emitter = createEmitter({ telling, label: 'agent', source: 'sdk_node' });
  const { opening, say } = emitter;
  const t1 = { trace_id: TRACE_1, policy_version: 3 } as const;
  const t2 = { trace_id: TRACE_2, policy_version: 3 } as const;
  say('2025-01-05T03:00:00.000000Z', opening);
  say('2025-01-05T03:00:00.000001Z', {
    event_type: 'coverage',
    action_taken: 'RECORDED',
    capability: 'fetch',
    coverage: 'live',
  });
  say('2025-01-05T03:00:00.000002Z', {
    event_type: 'coverage',
    action_taken: 'RECORDED',
    capability: 'udp',
    coverage: 'not_observable',
  });
  say('2025-01-05T03:00:00.000003Z', {
    event_type: 'policy_state',
    action_taken: 'POLICY_APPLIED',
    policy_version: 3,
    policy_sha256: policySha256,
    count: 2,
  });
  say('2025-01-05T03:00:01.000000Z', {
    event_type: 'http_request',
    ...FETCH,
    ...t1,
    target_host: 'api.example.com',
    span_id: '00f067aa0ba902b7',
    bytes_sent: 100,
    bytes_received: 1000,
    outcome: 'ok',
  });
  say('2025-01-05T03:00:02.000000Z', {
    event_type: 'http_request',
    ...FETCH,
    ...t1,
    target_host: 'api.example.com',
    bytes_sent: 50,
    outcome: 'error',
    count: 3,
    first_at: '2025-01-05T03:00:01.500000Z',
    last_at: '2025-01-05T03:00:02.000000Z',
  });
  say('2025-01-05T03:00:03.000000Z', {
    event_type: 'http_request',
    action_taken: 'BLOCKED_HOST',
    ...FETCH,
    ...t1,
    target_host: 'evil.example',
    rule_id: 'hosts.1',
    bytes_severed: 70,
    count: 2,
  });
  say('2025-01-05T03:00:03.500000Z', {
    event_type: 'http_request',
    action_taken: 'BLOCKED_HOST',
    ...FETCH,
    ...t1,
    target_host: 'evil.example',
    rule_id: 'hosts.1',
    bytes_severed: 1,
  });
  say('2025-01-05T03:00:04.000000Z', {
    event_type: 'llm_call',
    action_taken: 'REDACTED',
    ...OPENAI,
    ...CAP,
    ...t1,
    model: 'gpt-5.2-mini',
    redactions: { email: 2, iban: 1 },
    redaction_action: 'mask',
    input_tokens: 10,
    output_tokens: 20,
    cost_microusd: 2000,
    spend_used_microusd: 1000,
  });
  say('2025-01-05T03:00:05.000000Z', {
    event_type: 'llm_call',
    action_taken: 'ALLOWED',
    ...OPENAI,
    ...CAP,
    ...t1,
    model: 'gpt-5.2-mini',
    input_tokens: 5,
    output_tokens: 6,
    cost_microusd: 3500,
    spend_used_microusd: 3000,
  });
  say('2025-01-05T03:00:06.000000Z', {
    event_type: 'llm_call',
    action_taken: 'BLOCKED_SPEND',
    ...OPENAI,
    ...CAP,
    ...t1,
    model: 'gpt-5.2-mini',
    rule_id: 'spend.1',
    count: 3,
    cost_microusd: 9999,
    spend_used_microusd: 6500,
  });
  say('2025-01-05T03:00:06.500000Z', {
    event_type: 'llm_call',
    action_taken: 'FLAGGED_SPEND',
    ...OPENAI,
    ...CAP,
    ...t1,
    model: 'gpt-5.2-mini',
    count: 2,
    cost_microusd: 100,
    spend_used_microusd: 9000,
  });
  say('2025-01-05T03:00:07.000000Z', {
    event_type: 'llm_call',
    ...ANTHROPIC,
    ...t2,
    model: 'claude-opus-5',
    input_tokens: 7,
    output_tokens: 8,
  });
  say('2025-01-05T23:59:59.999999Z', {
    event_type: 'llm_call',
    action_taken: 'WOULD_REDACT',
    ...ANTHROPIC,
    ...t2,
    model: 'claude-opus-5',
    redactions: { email: 3 },
    count: 2,
    first_at: '2025-01-05T23:59:59.000000Z',
    last_at: '2025-01-05T23:59:59.999999Z',
  });
  say('2025-01-06T00:00:00.000000Z', {
    event_type: 'http_request',
    action_taken: 'UNSCANNED',
    ...FETCH,
    ...t1,
    target_host: 'api.example.com',
    unscanned_reason: 'stream',
    bytes_sent: 9,
    count: 2,
  });
  say('2025-01-06T05:00:00.000000Z', {
    event_type: 'tool_call',
    ...t1,
    tool_name: 'search',
    outcome: 'ok',
  });
  say('2025-01-06T05:00:00.500000Z', { event_type: 'tool_call', ...t1, tool_name: 'search' });
  say('2025-01-06T05:00:01.000000Z', {
    event_type: 'mcp_tool_call',
    action_taken: 'BLOCKED_TOOL',
    ...t1,
    tool_name: 'delete',
    mcp_transport: 'http',
    mcp_server: 'files',
    target_host: 'mcp.example.com',
    rule_id: 'tools.1',
  });
  say('2025-01-06T05:00:02.000000Z', {
    event_type: 'mcp_tool_call',
    ...t2,
    tool_name: 'read',
    mcp_transport: 'stdio',
    mcp_server: 'files',
    outcome: 'timeout',
    count: 2,
    first_at: '2025-01-06T05:00:01.000000Z',
    last_at: '2025-01-06T05:00:02.000000Z',
  });
  say('2025-01-06T05:00:03.000000Z', {
    event_type: 'anomaly',
    action_taken: 'FLAGGED_ANOMALY',
    ...t1,
    anomaly_code: 'loop.detected',
    severity: 'high',
    count: 2,
  });
  say('2025-01-06T05:00:03.500000Z', {
    event_type: 'anomaly',
    action_taken: 'FLAGGED_ANOMALY',
    ...t1,
    anomaly_code: 'loop.detected',
    severity: 'high',
  });
  say('2025-01-06T05:00:04.000000Z', {
    event_type: 'dns_query',
    ...t1,
    target_host: 'looked-up.example',
  });
  say('2025-01-06T05:00:05.000000Z', {
    event_type: 'http_request',
    action_taken: 'WOULD_BLOCK_HOST',
    ...FETCH,
    ...t2,
    target_host: 'other.example',
    rule_id: 'hosts.2',
    bytes_sent: 11,
  });
  say('2025-01-06T05:00:06.000000Z', { event_type: 'session_head' });
  say('2025-01-06T05:00:07.000000Z', { event_type: 'session_end', end_reason: 'exit' });
  return emitter;
}

/** A node's agent: shadow AI, blocked egress, processes of no trace, gaps, a loss, a wrong clock, no end. */
export function nodeSession(telling: Telling): Emitter {
  const emitter = createEmitter({ telling, label: 'node', source: 'kernel_agent' });
  const { opening, say, lose } = emitter;
  const pod = {
    node: 'node-1',
    k8s_namespace: 'agents',
    pod_uid: '11111111-2222-3333-4444-555555555555',
    process_name: 'python3',
  } as const;
  say('2025-01-06T06:00:00.000000Z', opening);
  say('2025-01-06T06:00:01.000000Z', {
    event_type: 'coverage',
    action_taken: 'RECORDED',
    node: 'node-1',
    capability: 'tls_write',
    coverage: 'bytes_seen',
  });
  say('2025-01-06T06:00:01.500000Z', {
    event_type: 'coverage',
    action_taken: 'RECORDED',
    node: 'node-1',
    capability: 'tls_write',
    coverage: 'bytes_seen',
  });
  say('2025-01-06T06:00:02.000000Z', {
    event_type: 'shadow_ai',
    action_taken: 'FLAGGED_SHADOW_AI',
    ...pod,
    ...OPENAI,
    bytes_sent: 400,
    count: 4,
    first_at: '2025-01-06T05:59:00.000000Z',
    last_at: '2025-01-06T06:00:02.000000Z',
  });
  lose('2025-01-06T06:00:02.500000Z', {
    event_type: 'coverage',
    action_taken: 'RECORDED',
    capability: 'dns',
    coverage: 'live',
  });
  lose('2025-01-06T06:00:03.000000Z', { event_type: 'process_exit', trace_id: TRACE_1 });
  lose('2025-01-06T06:00:04.000000Z', { event_type: 'process_exit' });
  say('2025-01-06T06:00:05.000000Z', {
    event_type: 'egress_verdict',
    action_taken: 'BLOCKED_EGRESS',
    ...pod,
    protocol: 'tcp',
    hook: 'cgroup_skb',
    target_ip: '203.0.113.9',
    target_port: 25,
    bytes_severed: 60,
    rule_id: 'kernel.1',
    policy_version: 3,
    pid: 9,
  });
  say('2025-01-06T06:00:05.500000Z', {
    event_type: 'egress_verdict',
    action_taken: 'BLOCKED_EGRESS',
    ...pod,
    protocol: 'tcp',
    hook: 'cgroup_skb',
    target_ip: '203.0.113.9',
    target_port: 25,
    bytes_severed: 60,
    rule_id: 'kernel.1',
    policy_version: 3,
    pid: 9,
  });
  // Its clock is 30 seconds ahead.
  say(
    '2025-01-06T06:00:06.000000Z',
    { event_type: 'process_exec', ...pod, pid: 7, process_start: 100 },
    { received: -30, committed: -29 },
  );
  say('2025-01-06T06:00:07.000000Z', {
    event_type: 'process_exec',
    ...pod,
    pid: 8,
    process_start: 200,
  });
  say('2025-01-06T06:00:07.500000Z', {
    event_type: 'process_exec',
    ...pod,
    pid: 8,
    process_start: 200,
  });
  // Spooled for two hours, and then long in the queue.
  say(
    '2025-01-06T06:00:08.000000Z',
    {
      event_type: 'net_connect',
      trace_id: TRACE_2,
      trace_origin: 'claimed',
      ...pod,
      pid: 8,
      process_start: 200,
      protocol: 'tcp',
      target_host: 'api.openai.com',
      target_port: 443,
    },
    { received: 7200, committed: 7290 },
  );
  lose('2025-01-06T06:00:09.000000Z', { event_type: 'process_exit' });
  say('2025-01-06T06:00:10.000000Z', {
    event_type: 'blind_interval',
    action_taken: 'RECORDED',
    node: 'node-1',
    blind_reason: 'restart',
    first_at: '2025-01-06T06:00:09.000000Z',
    last_at: '2025-01-06T06:00:09.500000Z',
  });
  say('2025-01-06T06:00:11.000000Z', {
    event_type: 'loss',
    action_taken: 'RECORDED',
    node: 'node-1',
    lost_events: 12,
    loss_reason: 'ring_full',
    lost_event_type: 'tls_write',
  });
  lose('2025-01-06T06:00:12.000000Z', { event_type: 'session_end', end_reason: 'exit' });
  return emitter;
}

/**
 * A session key in two hands: `fork` and `twin` have the same start and then differ, with the same event ids. The ledger
 * got both records of place 1, only one of place 2, and at place 3 the one that does not follow from it.
 */
export function forkedSessions(telling: Telling): readonly [Emitter, Emitter] {
  const apiKeyLabel = `${telling.tenant} second key`;
  const options = { telling, source: 'sdk_python', apiKeyLabel } as const;
  const fork = createEmitter({ ...options, label: 'fork' });
  const twin = createEmitter({ ...options, label: 'twin', keyLabel: 'fork' });
  const to = (host: string) =>
    ({
      event_type: 'http_request',
      trace_id: TRACE_3,
      client: 'httpx',
      target_host: host,
      target_port: 443,
    }) as const;
  fork.say('2025-01-31T23:59:57.000000Z', fork.opening);
  fork.say('2025-01-31T23:59:58.000000Z', to('one.example'));
  fork.say('2025-01-31T23:59:59.000000Z', to('one.example'));
  twin.lose('2025-01-31T23:59:57.000000Z', twin.opening);
  twin.say('2025-01-31T23:59:58.000000Z', to('two.example'), { committed: 3 });
  twin.lose('2025-01-31T23:59:59.000000Z', to('two.example'));
  twin.say('2025-01-31T23:59:59.500000Z', to('two.example'));
  return [fork, twin];
}
