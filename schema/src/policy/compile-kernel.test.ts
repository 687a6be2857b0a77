import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileKernel } from './compile-kernel.ts';
import type { EgressQuery } from './decide-egress.ts';
import { checkPolicy } from './parse-policy.ts';
import type { PolicyInput } from './policy-document.ts';

const compiled = (policy: Omit<PolicyInput, 'v' | 'version'>) =>
  compileKernel(checkPolicy({ v: 1, version: 1, ...policy }));

const egress = (
  policy: Omit<PolicyInput, 'v' | 'version'>,
  query: Omit<EgressQuery, 'protocol'> & Partial<EgressQuery>,
): string => {
  const decision = compiled(policy).decideEgress({ protocol: 'tcp', port: 443, ...query });
  return decision.verdict === 'allow' ? 'allow' : `${decision.action} ${decision.ruleId}`;
};

test('without a kernel section only the lists of hosts are held to', () => {
  assert.equal(egress({}, { address: '10.0.0.1' }), 'allow');
  assert.equal(egress({}, { address: '169.254.169.254' }), 'allow');
  const policy = { blocked_hosts: ['evil.example', '192.0.2.0/24:443'] };
  const evil = { address: '198.51.100.1', names: ['evil.example'] };
  assert.equal(egress(policy, evil), 'BLOCKED_HOST blocked_hosts.0');
  assert.equal(egress(policy, { address: '192.0.2.7' }), 'BLOCKED_HOST blocked_hosts.1');
  assert.equal(egress(policy, { address: '192.0.2.7', port: 80 }), 'allow');
});

const PRIVATE = [
  '10.0.0.1',
  '172.31.255.255',
  '192.168.0.1',
  'fd00::1',
  'fe80::1',
  '169.254.1.1',
  '::ffff:10.0.0.1',
];
for (const address of PRIVATE)
  test(`with a kernel section the private address ${address} is denied until it is named`, () => {
    assert.equal(egress({ kernel: {} }, { address }), 'BLOCKED_EGRESS kernel.private_networks');
    const named = (allowed: string[]) => ({ kernel: { egress: { allowed } } });
    assert.equal(
      egress(named(['*', '0.0.0.0/0', '::/0']), { address }),
      'BLOCKED_EGRESS kernel.private_networks',
    );
    assert.equal(egress(named([address]), { address }), 'allow');
    assert.equal(egress(named(['db.internal']), { address, names: ['db.internal'] }), 'allow');
    assert.equal(egress({ kernel: { private_networks: 'allow' } }, { address }), 'allow');
  });

test('a range within a private network names it', () => {
  const policy = { kernel: { egress: { allowed: ['10.0.0.0/8'] } } };
  assert.equal(egress(policy, { address: '10.9.9.9' }), 'allow');
  assert.equal(
    egress(policy, { address: '192.168.0.1' }),
    'BLOCKED_EGRESS kernel.private_networks',
  );
});

test('the metadata address needs its own name or switch', () => {
  const address = '169.254.169.254';
  const denied = 'BLOCKED_EGRESS kernel.metadata_address';
  assert.equal(egress({ kernel: {} }, { address }), denied);
  assert.equal(egress({ kernel: { private_networks: 'allow' } }, { address }), denied);
  const range = { kernel: { egress: { allowed: ['169.254.0.0/16'] } } };
  assert.equal(egress(range, { address }), denied);
  assert.equal(egress({ kernel: { egress: { allowed: [address] } } }, { address }), 'allow');
  assert.equal(egress({ kernel: { metadata_address: 'allow' } }, { address }), 'allow');
});

test('once resolvers are named, port 53 elsewhere is denied', () => {
  const policy = { kernel: { resolvers: ['10.0.0.10'] } };
  const dns = (address: string) => egress(policy, { address, port: 53, protocol: 'udp' });
  assert.equal(dns('10.0.0.10'), 'allow');
  assert.equal(dns('8.8.8.8'), 'BLOCKED_EGRESS kernel.resolvers');
  assert.equal(egress(policy, { address: '10.0.0.10' }), 'BLOCKED_EGRESS kernel.private_networks');
});

test('deny beats allow, ports and protocols narrow a rule, and loopback is free unless it is named', () => {
  const policy: Omit<PolicyInput, 'v' | 'version'> = {
    allowed_hosts: ['api.example'],
    kernel: {
      egress: {
        blocked: [{ id: 'quic', to: '*', ports: [443], protocols: ['udp'] }, '127.0.0.9'],
        allowed: [{ to: '203.0.113.0/24', ports: ['8000-8999', 443] }],
      },
    },
  };
  const api = { address: '198.51.100.1', names: ['api.example'] };
  assert.equal(egress(policy, api), 'allow');
  assert.equal(egress(policy, { ...api, protocol: 'udp' }), 'BLOCKED_EGRESS quic');
  assert.equal(egress(policy, { address: '203.0.113.5', port: 8500 }), 'allow');
  assert.equal(
    egress(policy, { address: '203.0.113.5', port: 9000 }),
    'BLOCKED_EGRESS kernel.egress.allowed',
  );
  assert.equal(egress(policy, { address: '127.0.0.1' }), 'allow');
  assert.equal(egress(policy, { address: '127.0.0.9' }), 'BLOCKED_EGRESS kernel.egress.blocked.1');
  assert.equal(
    egress({ allowed_hosts: ['api.example'] }, { address: '203.0.113.5' }),
    'BLOCKED_HOST allowed_hosts',
  );
});

test('a rule for some agents is not the kernel’s', () => {
  const policy = { blocked_hosts: [{ host: '*', agents: ['a'] }] };
  assert.equal(egress(policy, { address: '203.0.113.5' }), 'allow');
});

test('programs and files are matched by path, folder and name', () => {
  const kernel = compiled({
    kernel: {
      exec: { blocked: ['**/curl', '/opt/bad/**'], allowed: ['/usr/**', '/opt/**'] },
      files: {
        blocked: [
          { id: 'env', path: '**/.env' },
          { path: '/etc/**', access: 'write' },
        ],
      },
    },
  });
  const exec = (path: string) => kernel.decideExec({ path }).verdict;
  assert.equal(exec('/usr/bin/curl'), 'block');
  assert.equal(exec('/usr/bin/python3'), 'allow');
  assert.equal(exec('/opt/bad/tool'), 'block');
  assert.equal(exec('/opt/x/../bad//tool'), 'block');
  assert.equal(exec('/opt/badly'), 'allow');
  assert.equal(exec('/tmp/a'), 'block');
  const file = (path: string, access: 'read' | 'write' | 'read_write' | 'path') =>
    kernel.decideFile({ path, access }).verdict;
  assert.equal(file('/app/.env', 'read'), 'block');
  assert.equal(file('/etc/passwd', 'read'), 'allow');
  assert.equal(file('/etc/passwd', 'read_write'), 'block');
  assert.equal(file('/tmp/a', 'write'), 'allow');
});

test('an allowed file may be opened for what it is allowed for', () => {
  const kernel = compiled({
    kernel: { files: { allowed: [{ path: '/data/**', access: 'read' }, '/tmp/**'] } },
  });
  const file = (path: string, access: 'read' | 'read_write' | 'path') =>
    kernel.decideFile({ path, access }).verdict;
  assert.equal(file('/data/a', 'read'), 'allow');
  assert.equal(file('/data/a', 'path'), 'allow');
  assert.equal(file('/data/a', 'read_write'), 'block');
  assert.equal(file('/tmp/a', 'read_write'), 'allow');
});
