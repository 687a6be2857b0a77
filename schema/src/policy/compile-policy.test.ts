import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compilePolicy } from './compile-policy.ts';
import type { HostQuery } from './decide-host.ts';
import { checkPolicy } from './parse-policy.ts';
import type { PolicyInput } from './policy-document.ts';

const compiled = (policy: Omit<PolicyInput, 'v' | 'version'>, unavailable = false) =>
  compilePolicy(checkPolicy({ v: 1, version: 1, ...policy }), { unavailable });

/** What is decided, in one word, and by which rule. */
const host = (policy: Omit<PolicyInput, 'v' | 'version'>, query: HostQuery): string => {
  const decision = compiled(policy).decideHost(query);
  if (decision.verdict !== 'allow') return `${decision.action} ${decision.ruleId}`;
  return decision.needsAddresses ? 'resolve' : 'allow';
};

test('a policy without rules allows all', () => {
  assert.equal(host({}, { host: 'example.com', port: 443 }), 'allow');
  assert.equal(compiled({}).redaction, undefined);
  assert.equal(compiled({}).spend, undefined);
});

test('a blocked host is blocked in every spelling, at its port', () => {
  const policy = { blocked_hosts: ['evil.example', { id: 'R', host: '127.0.0.1:8080' }] };
  assert.equal(host(policy, { host: 'EVIL.example.' }), 'BLOCKED_HOST blocked_hosts.0');
  assert.equal(host(policy, { host: 'sub.evil.example' }), 'resolve');
  assert.equal(host(policy, { host: '0x7f.1', port: 8080 }), 'BLOCKED_HOST R');
  assert.equal(host(policy, { host: '0x7f.1', port: 8081 }), 'allow');
  const localhost = { host: 'localhost', port: 8080 };
  assert.equal(host(policy, { ...localhost, addresses: ['::1'] }), 'allow');
  assert.equal(host(policy, { ...localhost, addresses: ['::1', '127.0.0.1'] }), 'BLOCKED_HOST R');
});

test('a suffix names what is under it and not itself, and not what merely ends so', () => {
  const policy = { blocked_hosts: ['*.example.com'] };
  assert.equal(host(policy, { host: 'a.b.example.com' }), 'BLOCKED_HOST blocked_hosts.0');
  assert.equal(host(policy, { host: 'example.com' }), 'allow');
  assert.equal(host(policy, { host: 'notexample.com' }), 'allow');
});

test('once a host is allowed, what is not named is denied, and deny beats allow', () => {
  const policy = { allowed_hosts: ['*.openai.com', '10.0.0.0/8'], blocked_hosts: ['x.openai.com'] };
  assert.equal(host(policy, { host: 'api.openai.com' }), 'allow');
  assert.equal(host(policy, { host: 'x.openai.com' }), 'BLOCKED_HOST blocked_hosts.0');
  assert.equal(host(policy, { host: '8.8.8.8' }), 'BLOCKED_HOST allowed_hosts');
  assert.equal(host(policy, { host: '10.1.2.3' }), 'allow');
  assert.equal(host(policy, { host: 'db.internal' }), 'resolve');
  assert.equal(host(policy, { host: 'db.internal', addresses: ['10.1.2.3'] }), 'allow');
  const mixed = { host: 'db.internal', addresses: ['10.1.2.3', '8.8.8.8'] };
  assert.equal(host(policy, mixed), 'BLOCKED_HOST allowed_hosts');
  const none = { host: 'db.internal', addresses: [] };
  assert.equal(host(policy, none), 'BLOCKED_HOST allowed_hosts');
});

test('a rule for some agents holds for them alone', () => {
  const policy = { allowed_hosts: [{ host: 'api.example', agents: ['a'] }] };
  assert.equal(host(policy, { host: 'x.example', agent: 'a' }), 'BLOCKED_HOST allowed_hosts');
  assert.equal(host(policy, { host: 'x.example', agent: 'b' }), 'allow');
  assert.equal(host(policy, { host: 'x.example' }), 'allow');
});

test('what is no host is refused once hosts are governed', () => {
  const policy = { blocked_hosts: ['evil.example'] };
  assert.equal(host(policy, { host: 'a@evil.example' }), 'BLOCKED_HOST blocked_hosts');
});

test('Unix sockets are governed by unix: rules', () => {
  const policy = compiled({ blocked_hosts: ['unix:/run/docker*'] });
  assert.equal(policy.decideUnixSocket({ path: '/run/docker.sock' }).verdict, 'block');
  assert.equal(policy.decideUnixSocket({ path: '/run/other.sock' }).verdict, 'allow');
  const listed = compiled({ allowed_hosts: ['example.com'] });
  assert.equal(listed.decideUnixSocket({ path: '/run/docker.sock' }).verdict, 'block');
});

test('dry run says what it would have done and never says block', () => {
  const decision = compiled({ mode: 'dry_run', blocked_hosts: ['*'] }).decideHost({
    host: 'a.example',
  });
  assert.equal(decision.verdict, 'would_block');
  assert.equal(decision.verdict === 'would_block' && decision.action, 'WOULD_BLOCK_HOST');
});

test('while policy cannot be had only closed rules hold', () => {
  const policy = compiled(
    { blocked_hosts: ['open.example', { host: 'shut.example', on_unavailable: 'closed' }] },
    true,
  );
  assert.equal(policy.decideHost({ host: 'open.example' }).verdict, 'allow');
  const decision = policy.decideHost({ host: 'shut.example' });
  assert.equal(decision.verdict === 'block' && decision.action, 'BLOCKED_UNAVAILABLE');
});

test('models are matched without regard to case, tools with it', () => {
  const policy = compiled({
    models: { blocked: [{ id: 'big', model: 'gpt-5*', provider: 'openai' }], allowed: [] },
    tools: { allowed: ['read_*'], blocked: [{ tool: '*', server: 'shell' }] },
  });
  assert.equal(policy.decideModel({ model: 'GPT-5-pro', provider: 'openai' }).verdict, 'block');
  assert.equal(policy.decideModel({ model: 'gpt-5-pro', provider: 'azure' }).verdict, 'allow');
  assert.equal(policy.decideTool({ tool: 'read_file' }).verdict, 'allow');
  assert.equal(policy.decideTool({ tool: 'READ_file' }).verdict, 'block');
  assert.equal(policy.decideTool({ tool: 'read_file', server: 'shell' }).verdict, 'block');
});

test('redaction and caps are there with their defaults', () => {
  const policy = compiled({
    redact_pii: { walk_hosts: ['*.internal'], agents: ['a'] },
    spend: {
      caps: [{ window: 'day', scope: 'key', limit_microusd: 5_000_000, models: ['gpt-*'] }],
    },
  });
  assert.equal(policy.redaction?.action, 'mask');
  assert.ok(policy.redaction?.entities.has('email'));
  assert.equal(policy.redaction?.walks('llm.internal'), true);
  assert.equal(policy.redaction?.walks('example.com'), false);
  assert.equal(policy.redaction?.appliesTo(undefined), false);
  const [cap] = policy.spend?.caps ?? [];
  assert.equal(cap?.ruleId, 'spend.caps.0');
  assert.equal(cap?.counts({ model: 'GPT-4o' }), true);
  assert.equal(cap?.counts({ model: 'claude' }), false);
});
