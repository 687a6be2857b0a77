import type { KeyObject } from 'node:crypto';
import { fixedKey } from '../vectors/fixed-keys.ts';
import type { FileAccess } from './compile-kernel.ts';
import type { EgressQuery } from './decide-egress.ts';
import type { HostQuery } from './decide-host.ts';
import type { SeenVersion } from './judge-policy.ts';
import type { PolicyInput } from './policy-document.ts';
import { readEnvelope, wrapPolicy } from './signed-policy.ts';

type Rules = Omit<PolicyInput, 'v' | 'version'>;
export type PolicyCase<Query> = {
  readonly name: string;
  readonly policy: Rules;
  readonly unavailable?: boolean;
  readonly queries: readonly Query[];
};
export type KernelQuery =
  | EgressQuery
  | { readonly exec: string }
  | { readonly file: string; readonly access: FileAccess };

const base = { v: 1, version: 1 } as const;

export const FULL_POLICY: PolicyInput = {
  v: 1,
  version: 42,
  issued_at: '2026-11-25T00:00:00Z',
  expires_at: '2027-11-25T00:00:00.000000Z',
  max_age: 30,
  stale_if_error: 3600,
  mode: 'dry_run',
  on_unavailable: 'observe',
  blocked_hosts: [
    'evil.example',
    '*.evil.example:8443',
    '[2001:db8::1]:443',
    'unix:/run/docker.sock',
    { id: 'no-paste', host: 'paste.example', reason: 'Use the ticket system.', agents: ['a'] },
  ],
  allowed_hosts: [{ host: '10.0.0.0/8', on_unavailable: 'closed' }],
  models: { blocked: ['gpt-5*'], allowed: [{ model: '*', provider: 'openai' }] },
  tools: { blocked: [{ tool: 'delete_*', server: 'github' }], allowed: [] },
  redact_pii: {
    entities: ['email', 'iban'],
    action: 'token',
    custom: [{ id: 'ticket', pattern: 'TCK-[0-9]{6}' }],
    unscanned: 'block',
    walk_hosts: ['*.internal'],
  },
  spend: {
    caps: [{ id: 'daily', window: 'day', scope: 'agent', limit_microusd: 5_000_000, kind: 'soft' }],
    unknown_model: 'block',
    prices: { 'my-model': { input: 1_000_000, output: 2_000_000 } },
  },
  kernel: {
    exec: { blocked: ['**/curl'], allowed: [] },
    files: { blocked: [{ path: '/etc/**', access: 'write' }] },
    egress: { allowed: [{ to: '203.0.113.0/24', ports: [443, '8000-8999'], protocols: ['tcp'] }] },
    resolvers: ['10.0.0.10'],
    private_networks: 'allow',
  },
};

export const ACCEPTED: readonly { readonly name: string; readonly policy: unknown }[] = [
  { name: 'the least', policy: base },
  { name: 'of every section', policy: FULL_POLICY },
];

/** Code and path of each are found by the reader. */
export const REJECTED: readonly (readonly [name: string, policy: unknown])[] = [
  ['not JSON', '{'],
  ['not an object', '[]'],
  ['null', 'null'],
  ['no version', { v: 1 }],
  ['another v', { ...base, v: 2 }],
  ['version 0', { ...base, version: 0 }],
  ['a fraction as version', { ...base, version: 1.5 }],
  ['an unknown member', { ...base, blocked_host: [] }],
  ['an unknown member of a rule', { ...base, blocked_hosts: [{ host: 'a', ports: [1] }] }],
  ['a host with a space', { ...base, blocked_hosts: ['a b'] }],
  ['a host with a scheme', { ...base, blocked_hosts: ['https://a.example'] }],
  ['a host with a star within', { ...base, blocked_hosts: ['a.*.example'] }],
  ['a suffix of an address', { ...base, blocked_hosts: ['*.10.0.0.1'] }],
  ['port 0', { ...base, blocked_hosts: ['a.example:0'] }],
  ['port 65536', { ...base, blocked_hosts: ['a.example:65536'] }],
  ['a range with host bits', { ...base, blocked_hosts: ['10.0.0.1/8'] }],
  ['a range too narrow', { ...base, blocked_hosts: ['10.0.0.0/33'] }],
  ['a relative Unix socket', { ...base, blocked_hosts: ['unix:run/a'] }],
  ['a rule id with a space', { ...base, allowed_hosts: [{ host: 'a', id: 'a b' }] }],
  ['a reason of two lines', { ...base, allowed_hosts: [{ host: 'a', reason: 'a\nb' }] }],
  ['no agents', { ...base, allowed_hosts: [{ host: 'a', agents: [] }] }],
  ['a mode of its own', { ...base, mode: 'block' }],
  ['a day that is none', { ...base, expires_at: '2027-02-30T00:00:00Z' }],
  ['a time with an offset', { ...base, expires_at: '2027-02-01T00:00:00+01:00' }],
  ['max_age 0', { ...base, max_age: 0 }],
  ['an entity of its own', { ...base, redact_pii: { entities: ['emails'] } }],
  ['custom as an entity', { ...base, redact_pii: { entities: ['custom'] } }],
  ['a cap without a limit', { ...base, spend: { caps: [{ window: 'day', scope: 'key' }] } }],
  ['a price with a fraction', { ...base, spend: { prices: { m: { input: 0.5, output: 1 } } } }],
  ['a relative path', { ...base, kernel: { exec: { blocked: ['bin/sh'] } } }],
  ['a path with ..', { ...base, kernel: { files: { blocked: ['/etc/../a'] } } }],
  ['a port in an egress rule', { ...base, kernel: { egress: { blocked: ['a.example:443'] } } }],
  ['ports backwards', { ...base, kernel: { egress: { blocked: [{ to: '*', ports: ['9-8'] }] } } }],
  ['a resolver by name', { ...base, kernel: { resolvers: ['dns.example'] } }],
];

export const RAW_HOSTS: readonly string[] = [
  'api.openai.com',
  'API.OpenAI.com',
  'api.openai.com.',
  'ａｐｉ。openai。com',
  'bücher.example',
  'XN--BCHER-KVA.example',
  'my_service',
  '',
  'localhost',
  '127.0.0.1',
  '127.0.0.1.',
  '127.1',
  '2130706433',
  '0x7f000001',
  '0X7F.1',
  '017700000001',
  '0177.0.0.01',
  '１２７.0.0.1',
  '0.0.0.0',
  '::',
  '[::1]',
  '::ffff:127.0.0.1',
  '[::FFFF:7f00:1]',
  '64:ff9b::a9fe:a9fe',
  'fe80::1%eth0',
  '2001:DB8:0:0:0:0:0:1',
  '256.1.1.1',
  '1.2.3.4.5',
  'evil.com/path',
  'user@evil.com',
  'evil.com:80',
  'evil.com ',
  '%65vil.com',
  'evil..com',
  'evil.com..',
  '.',
  ':::',
];

const hosts = (...names: string[]): HostQuery[] => names.map((host) => ({ host, port: 443 }));

export const HOST_CASES: readonly PolicyCase<HostQuery>[] = [
  { name: 'no rule', policy: {}, queries: hosts('a.example', '127.0.0.1', 'a b') },
  {
    name: 'a blocked host in every spelling',
    policy: { blocked_hosts: ['evil.example', 'bücher.example'] },
    queries: hosts(
      'evil.example',
      'EVIL.example.',
      'sub.evil.example',
      'notevil.example',
      'xn--bcher-kva.example',
      'BÜCHER.example',
      'a@evil.example',
    ),
  },
  {
    name: 'a blocked address in every spelling',
    policy: { blocked_hosts: [{ id: 'meta', host: '169.254.169.254' }] },
    queries: [
      ...hosts(
        '169.254.169.254',
        '2852039166',
        '0xa9fea9fe',
        '0251.0376.0251.0376',
        '169.254.43518',
        '[::ffff:a9fe:a9fe]',
        '64:ff9b::169.254.169.254',
        '169.254.169.253',
        'name.example',
      ),
      { host: 'name.example', port: 443, addresses: ['203.0.113.1'] },
      { host: 'name.example', port: 443, addresses: ['203.0.113.1', '::ffff:169.254.169.254'] },
    ],
  },
  {
    name: 'suffix, port and range',
    policy: { blocked_hosts: ['*.evil.example', 'a.example:8443', '10.0.0.0/8', '2001:db8::/32'] },
    queries: [
      ...hosts(
        'evil.example',
        'x.evil.example',
        'x.y.evil.example',
        'a.example',
        '10.255.0.1',
        '11.0.0.1',
        '[2001:db8:ffff::1]',
        '2001:db9::1',
      ),
      { host: 'a.example', port: 8443, addresses: [] },
    ],
  },
  {
    name: 'allowed hosts, and deny beats allow',
    policy: { allowed_hosts: ['*.openai.com', '10.0.0.0/8'], blocked_hosts: ['x.openai.com'] },
    queries: [
      ...hosts('api.openai.com', 'x.openai.com', '8.8.8.8', '10.1.2.3', 'db.internal'),
      { host: 'db.internal', port: 5432, addresses: ['10.1.2.3'] },
      { host: 'db.internal', port: 5432, addresses: ['10.1.2.3', '8.8.8.8'] },
      { host: 'db.internal', port: 5432, addresses: [] },
    ],
  },
  {
    name: 'for some agents',
    policy: {
      allowed_hosts: [{ host: 'api.example', agents: ['a'] }],
      blocked_hosts: [{ host: '*', agents: ['b'] }],
    },
    queries: [
      { host: 'x.example', agent: 'a' },
      { host: 'api.example', agent: 'a' },
      { host: 'x.example', agent: 'b' },
      { host: 'x.example' },
    ],
  },
  {
    name: 'dry run',
    policy: { mode: 'dry_run', blocked_hosts: ['*'] },
    queries: hosts('a.example'),
  },
  {
    name: 'while policy cannot be had',
    policy: { blocked_hosts: ['open.example', { host: 'shut.example', on_unavailable: 'closed' }] },
    unavailable: true,
    queries: hosts('open.example', 'shut.example'),
  },
];

const tcp = (address: string, port = 443, ...names: string[]): EgressQuery => ({
  address,
  protocol: 'tcp',
  port,
  ...(names.length === 0 ? {} : { names }),
});
const PRIVATE = [
  '10.0.0.1',
  '172.16.0.1',
  '172.32.0.1',
  '192.168.1.1',
  '169.254.1.1',
  'fd00::1',
  'fe80::1',
  '::ffff:10.0.0.1',
  '100.64.0.1',
  '127.0.0.1',
  '::1',
  '203.0.113.1',
];
const METADATA = [
  '169.254.169.254',
  'fd00:ec2::254',
  '169.254.170.2',
  '100.100.100.200',
  '::ffff:169.254.169.254',
];

export const KERNEL_CASES: readonly PolicyCase<KernelQuery>[] = [
  {
    name: 'without a kernel section the lists of hosts alone',
    policy: { blocked_hosts: ['evil.example', '192.0.2.0/24:443'] },
    queries: [
      tcp('10.0.0.1'),
      tcp('169.254.169.254'),
      tcp('198.51.100.1', 443, 'evil.example'),
      tcp('192.0.2.7'),
      tcp('192.0.2.7', 80),
    ],
  },
  {
    name: 'defaults: private networks and the metadata address',
    policy: { kernel: {} },
    queries: [...PRIVATE, ...METADATA].map((address) => tcp(address)),
  },
  {
    name: 'a switch for private networks is none for the metadata address',
    policy: { kernel: { private_networks: 'allow' } },
    queries: [...PRIVATE, ...METADATA].map((address) => tcp(address)),
  },
  {
    name: 'what names everything names nothing private',
    policy: { kernel: { egress: { allowed: ['*', '0.0.0.0/0', '::/0', '10.0.0.0/7'] } } },
    queries: [...PRIVATE, ...METADATA].map((address) => tcp(address)),
  },
  {
    name: 'a range within, an address, a name',
    policy: {
      kernel: {
        egress: { allowed: ['10.1.0.0/16', '169.254.0.0/16', '169.254.170.2', 'db.internal'] },
      },
    },
    queries: [
      tcp('10.1.2.3'),
      tcp('10.2.0.1'),
      tcp('169.254.1.1'),
      tcp('169.254.169.254'),
      tcp('169.254.170.2'),
      tcp('192.168.1.1', 5432, 'db.internal'),
      tcp('192.168.1.1', 5432, 'x.internal'),
      tcp('203.0.113.1'),
    ],
  },
  {
    name: 'resolvers',
    policy: { kernel: { resolvers: ['10.0.0.10', '2001:db8::53'] } },
    queries: [
      { address: '10.0.0.10', protocol: 'udp', port: 53 },
      tcp('10.0.0.10', 53),
      tcp('10.0.0.10', 443),
      { address: '8.8.8.8', protocol: 'udp', port: 53 },
      { address: '2001:db8::53', protocol: 'udp', port: 53 },
      { address: '127.0.0.53', protocol: 'udp', port: 53 },
    ],
  },
  {
    name: 'ports and protocols',
    policy: {
      kernel: {
        egress: {
          blocked: [
            { id: 'quic', to: '*', ports: [443], protocols: ['udp'] },
            { id: 'tunnel', to: '*', protocols: ['icmp', 'icmpv6'] },
            '127.0.0.9',
          ],
          allowed: [{ to: '203.0.113.0/24', ports: ['8000-8999', 443] }],
        },
      },
      allowed_hosts: ['api.example'],
    },
    queries: [
      tcp('203.0.113.1'),
      tcp('203.0.113.1', 8999),
      tcp('203.0.113.1', 9000),
      { address: '203.0.113.1', protocol: 'udp', port: 443 },
      { address: '203.0.113.1', protocol: 'icmp' },
      { address: '203.0.113.1', protocol: 'other' },
      tcp('198.51.100.1', 443, 'api.example'),
      tcp('198.51.100.1'),
      tcp('127.0.0.1'),
      tcp('127.0.0.9'),
    ],
  },
  {
    name: 'a rule for some agents is not the kernel’s',
    policy: { blocked_hosts: [{ host: '*', agents: ['a'] }] },
    queries: [tcp('203.0.113.1')],
  },
  {
    name: 'dry run',
    policy: { mode: 'dry_run', kernel: { exec: { blocked: ['**/curl'] } } },
    queries: [tcp('10.0.0.1'), { exec: '/usr/bin/curl' }],
  },
  {
    name: 'while policy cannot be had',
    policy: {
      kernel: {
        on_unavailable: 'closed',
        egress: { blocked: [{ to: '203.0.113.1', on_unavailable: 'observe' }] },
      },
    },
    unavailable: true,
    queries: [tcp('10.0.0.1'), tcp('203.0.113.1')],
  },
  {
    name: 'programs',
    policy: {
      kernel: {
        exec: { blocked: ['**/curl', '/opt/bad/**'], allowed: ['/usr/**', '/opt/**', '/bin/sh'] },
      },
    },
    queries: [
      '/usr/bin/curl',
      '/usr/bin/python3',
      '/opt/bad/tool',
      '/opt/x/../bad//tool',
      '/opt/badly',
      '/opt/bad',
      '/bin/sh',
      '/bin/bash',
      '/',
    ].map((exec) => ({ exec })),
  },
  {
    name: 'files',
    policy: {
      kernel: {
        files: {
          blocked: [
            { id: 'env', path: '**/.env' },
            { path: '/etc/**', access: 'write' },
          ],
          allowed: [{ path: '/data/**', access: 'read' }, '/tmp/**', '/etc/**'],
        },
      },
    },
    queries: (
      [
        ['/app/.env', 'read'],
        ['/etc/passwd', 'read'],
        ['/etc/passwd', 'read_write'],
        ['/etc/passwd', 'path'],
        ['/data/a', 'read'],
        ['/data/a', 'path'],
        ['/data/a', 'write'],
        ['/data/a', 'read_write'],
        ['/tmp/a', 'read_write'],
        ['/srv/a', 'path'],
      ] as const
    ).map(([file, access]) => ({ file, access })),
  },
];

type SignedCase = {
  readonly name: string;
  readonly envelope: string;
  readonly pinned: boolean;
  readonly last?: SeenVersion;
};

export function signedCases(key: KeyObject): readonly SignedCase[] {
  const policy = { ...base, version: 5, blocked_hosts: ['evil.example'] };
  const signed = wrapPolicy(policy, 'acme', key);
  const { sha256 } = readEnvelope(signed);
  const plain = wrapPolicy(policy, 'acme');
  return [
    { name: 'signed', envelope: signed, pinned: true },
    { name: 'of every section', envelope: wrapPolicy(FULL_POLICY, 'acme', key), pinned: true },
    { name: 'no key pinned', envelope: signed, pinned: false },
    { name: 'not signed, no key pinned', envelope: plain, pinned: false },
    { name: 'not signed', envelope: plain, pinned: true },
    { name: 'another key', envelope: wrapPolicy(policy, 'acme', fixedKey('other')), pinned: true },
    { name: 'a changed rule', envelope: signed.replace('evil', 'good'), pinned: true },
    { name: "another tenant's", envelope: wrapPolicy(policy, 'other', key), pinned: true },
    {
      name: 'a changed tenant',
      envelope: wrapPolicy(policy, 'other', key).replace('"other"', '"acme"'),
      pinned: true,
    },
    { name: 'not canonical', envelope: signed.replace(',', ', '), pinned: true },
    { name: 'a key twice', envelope: signed.replace('"v":1', '"v":1,"v":1'), pinned: true },
    {
      name: 'a member of its own',
      envelope: signed.replace('{"policy"', '{"a":1,"policy"'),
      pinned: true,
    },
    { name: 'seen before', envelope: signed, pinned: true, last: { version: 5, sha256 } },
    { name: 'a higher one', envelope: signed, pinned: true, last: { version: 4, sha256 } },
    { name: 'rolled back', envelope: signed, pinned: true, last: { version: 6, sha256 } },
    {
      name: 'the same version with other rules',
      envelope: signed,
      pinned: true,
      last: { version: 5, sha256: '0'.repeat(64) },
    },
    { name: 'a bad rule', envelope: plain.replace('evil.example', 'a b'), pinned: false },
  ];
}
