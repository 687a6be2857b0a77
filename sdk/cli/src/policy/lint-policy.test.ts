import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PolicyInput } from '@vantio/schema/policy/policy-document';
import { wrapPolicy } from '@vantio/schema/policy/signed-policy';
import { lintPolicy } from './lint-policy.ts';

const NOW = Date.parse('2026-11-26T00:00:00Z');
const lint = (text: string): string[] =>
  lintPolicy(text, NOW).map(
    ({ severity, line, path, says }) => `${severity} ${line} ${path} ${says}`,
  );
const warned = (policy: Omit<PolicyInput, 'v' | 'version'>): string[] =>
  lintPolicy(JSON.stringify({ v: 1, version: 1, ...policy }), NOW).map(
    ({ path, says }) => `${path} ${says}`,
  );

test('an error is named by line and path', () => {
  const text = '{\n "v": 1,\n "version": 1,\n "blocked_hosts": [\n  "a",\n  {"host": "b c"}\n ]\n}';
  const [found = ''] = lint(text);
  assert.match(found, /^error 6 blocked_hosts\[1\]\.host must be a host name/);
  assert.match(lint('{"v":1,\n"version":1,\n"mod":1}')[0] ?? '', /^error 3 mod is not a member/);
  assert.match(lint('{"v":1,\n"version":1,\n}')[0] ?? '', /^error 3 {2}is not JSON/);
  assert.match(lint('{"v":1,\n"version":1,\n"blocked_hosts":["a",\n]}')[0] ?? '', /^error 4 /);
  assert.match(lint('[]')[0] ?? '', /^error 1 {2}must be an object$/);
  assert.match(lint('{"v":1}')[0] ?? '', /^error 1 version is missing/);
});

test('a member that stands twice is an error: the first is ignored', () => {
  const text = '{"v":1,"version":1,\n"blocked_hosts":["a"],\n"blocked_hosts":[]}';
  assert.deepEqual(lint(text), [
    'error 2 blocked_hosts stands twice: the first is ignored; take one out',
  ]);
});

test('a signed policy is linted by the lines of its file', () => {
  const text = wrapPolicy({ v: 1, version: 1, blocked_hosts: ['a', 'a'] }, 'acme');
  assert.match(lint(text)[0] ?? '', /^warning 1 blocked_hosts\[1\] has no effect/);
});

test('rules that another covers are warned of, in their own list and across', () => {
  assert.deepEqual(
    warned({
      blocked_hosts: ['*.b.example', 'a.b.example', 'b.example', '*.x.b.example', 'A.b.example.'],
    }),
    [
      'blocked_hosts[1] has no effect: blocked_hosts[0] already covers it',
      'blocked_hosts[3] has no effect: blocked_hosts[0] already covers it',
      'blocked_hosts[4] has no effect: blocked_hosts[1] already covers it',
    ],
  );
  assert.deepEqual(warned({ blocked_hosts: ['10.1.0.0/16', '10.0.0.0/8', '10.1.2.3:80'] }), [
    'blocked_hosts[0] has no effect: blocked_hosts[1] already covers it',
    'blocked_hosts[2] has no effect: blocked_hosts[1] already covers it',
  ]);
  assert.deepEqual(
    warned({
      blocked_hosts: ['*.evil.example'],
      allowed_hosts: ['x.evil.example', 'evil.example'],
    }),
    ['allowed_hosts[0] never allows: blocked_hosts[0] blocks it, and deny beats allow'],
  );
  assert.deepEqual(warned({ blocked_hosts: ['*'], allowed_hosts: ['a'] }), [
    'allowed_hosts[0] never allows: blocked_hosts[0] blocks it, and deny beats allow',
  ]);
});

test('a rule for one port or some agents covers only its like', () => {
  assert.deepEqual(
    warned({ blocked_hosts: ['a.example:443', 'a.example', { host: 'b', agents: ['x'] }, 'b'] }),
    [
      'blocked_hosts[0] has no effect: blocked_hosts[1] already covers it',
      'blocked_hosts[2] has no effect: blocked_hosts[3] already covers it',
    ],
  );
  assert.deepEqual(
    warned({ blocked_hosts: ['a.example:443', 'a.example:444', '*.x:1', 'y.x:2'] }),
    [],
  );
  assert.deepEqual(
    warned({ blocked_hosts: [{ host: '*', agents: ['x'] }], allowed_hosts: ['a'] }),
    [],
  );
});

test('an expired policy and ids that stand twice are warned of', () => {
  assert.deepEqual(warned({ expires_at: '2026-11-25T23:59:59Z' }), [
    'expires_at is past: the policy is stale',
  ]);
  assert.deepEqual(
    warned({
      blocked_hosts: [{ id: 'R', host: 'a' }],
      tools: { blocked: [{ id: 'R', tool: 'b' }] },
    }),
    ['tools.blocked[0].id is that of blocked_hosts[0].id, too: records tell them apart by nothing'],
  );
});

test('a hundred thousand rules are linted in one pass', () => {
  const hosts = Array.from({ length: 100_000 }, (_, at) => `h${at}.example`);
  assert.equal(warned({ blocked_hosts: [...hosts, '*.example'] }).length, 100_000);
});
