import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { runVantio, startVantio } from '../testing/run-vantio.ts';
import { sampleLedger } from '../testing/sample-ledger.ts';
import { temporaryDirectory } from '../testing/temporary-directory.ts';

const policy = (version: number, more: object = {}): string =>
  JSON.stringify({ v: 1, version, blocked_hosts: ['evil.example'], ...more });

/** Runs in a directory of its own and gives what was printed; fails on another exit code. */
function inDirectory(t: TestContext) {
  const cwd = temporaryDirectory(t);
  const vantio = async (status: number, ...args: string[]): Promise<string> => {
    const ran = await runVantio(['policy', ...args], { cwd });
    assert.equal(ran.status, status, ran.stdout + ran.stderr);
    return ran.stdout + ran.stderr;
  };
  return {
    cwd,
    vantio,
    write: (name: string, text: string) => writeFileSync(join(cwd, name), text),
  };
}

test('lint names the line, and exits by whether the policy can be used', async (t) => {
  const { vantio, write } = inDirectory(t);
  write('good.json', policy(1));
  write('bad.json', '{"v": 1,\n "version": 1,\n "blocked_host": []}');
  assert.match(await vantio(0, 'lint', 'good.json'), /^it can be used; 0 warnings\n$/);
  const said = await vantio(1, 'lint', 'bad.json');
  assert.match(said, /^bad\.json:3 {2}error {2}blocked_host is not a member of a policy/);
  const { findings } = JSON.parse(await vantio(1, 'lint', 'bad.json', '--json')) as {
    findings: { line: number; path: string }[];
  };
  assert.deepEqual([findings[0]?.line, findings[0]?.path], [3, 'blocked_host']);
  assert.match(await vantio(2, 'lint', 'none.json'), /none\.json does not exist/);
  write('torn.json', '{"v": 1,\n "version": 1,\n "blocked_hosts": ["a",]}');
  assert.match(
    await vantio(1, 'lint', 'torn.json'),
    /^torn\.json:3 {2}error {2}the policy is not JSON/,
  );
  assert.match(
    await vantio(2, 'push', 'torn.json', '--tenant', 'acme'),
    /torn\.json is not JSON; vantio policy lint names the line/,
  );
  assert.match(
    await vantio(2, 'push', 'good.json', '--tenant', 'acme', '--state-dir', 'good.json'),
    /good\.json\/policies\.ndjson is below a file; name a directory/,
  );
});

test('a pattern that RE2 refuses is refused where a policy is linted, tested, signed or published', async (t) => {
  const { vantio, write } = inDirectory(t);
  await vantio(0, 'keygen', '--out', 'policy.key');
  const custom = (pattern: string) => ({ redact_pii: { custom: [{ id: 'own', pattern }] } });
  write('bad.json', JSON.stringify(JSON.parse(policy(1, custom('(a)\\1'))), null, 1));
  write('good.json', policy(1, custom('EMP-[0-9]{6}')));
  write('cases.json', JSON.stringify({ cases: [{ host: 'a.example', expect: 'allow' }] }));
  const says = /redact_pii\.custom\[0\]\.pattern:? +has a backreference, which RE2 lacks/;
  const linted = await vantio(1, 'lint', 'bad.json');
  assert.match(linted, says);
  assert.match(linted, /^bad\.json:11 /);
  for (const args of [
    ['sign', 'bad.json', '--key', 'policy.key', '--tenant', 'acme'],
    ['push', 'bad.json', '--tenant', 'acme'],
    ['test', 'cases.json', '--policy', 'bad.json'],
  ])
    assert.match(await vantio(2, ...args), says, args[0]);
  await vantio(0, 'lint', 'good.json');
  await vantio(0, 'push', 'good.json', '--tenant', 'acme');
});

test('test runs a table of cases of every kind, and says which fails', async (t) => {
  const { cwd, vantio, write } = inDirectory(t);
  mkdirSync(join(cwd, 'rules'));
  write(
    'rules/policy.json',
    policy(1, {
      mode: 'dry_run',
      blocked_hosts: [
        'evil.example',
        '10.0.0.0/8',
        'unix:/run/a',
        { id: 'shut', host: 'b', on_unavailable: 'closed' },
      ],
      models: { blocked: ['gpt-5'] },
      tools: { blocked: [{ id: 'no-delete', tool: 'delete_*', server: 'github' }] },
      kernel: { exec: { blocked: ['**/curl'] }, files: { blocked: ['**/.env'] } },
    }),
  );
  const cases = [
    { host: 'EVIL.example.', expect: 'block', rule: 'blocked_hosts.0' },
    { host: 'good.example', expect: 'ask_with_addresses' },
    { host: 'good.example', expect: 'allow' },
    { host: 'good.example', addresses: ['10.0.0.1'], port: 80, expect: 'block' },
    { host: 'b', unavailable: true, expect: 'block', rule: 'shut' },
    { host: 'evil.example', unavailable: true, expect: 'allow' },
    { unix: '/run/a', expect: 'block' },
    { model: 'GPT-5', provider: 'openai', expect: 'block' },
    { tool: 'delete_repo', server: 'github', expect: 'block', rule: 'no-delete' },
    { tool: 'delete_repo', server: 'files', expect: 'allow' },
    // Its server has not said its name yet.
    { tool: 'delete_repo', expect: 'allow' },
    { egress: '192.168.0.1', port: 22, expect: 'block', rule: 'kernel.private_networks' },
    { exec: '/usr/bin/curl', expect: 'block' },
    { file: '/app/.env', access: 'read', expect: 'block' },
  ];
  write('rules/good.test.json', JSON.stringify({ policy: 'policy.json', cases }));
  assert.match(await vantio(0, 'test', 'rules/good.test.json'), /14 passed, 0 failed\n$/);
  write(
    'bad.test.json',
    JSON.stringify({ cases: [{ name: 'evil', host: 'evil.example', expect: 'allow' }] }),
  );
  assert.match(
    await vantio(1, 'test', 'bad.test.json', '--policy', 'rules/policy.json'),
    /^FAIL {2}evil: wanted allow, got block by blocked_hosts\.0\n0 passed, 1 failed\n$/,
  );
});

test('a test file that cannot be used is refused by the case and the member', async (t) => {
  const { vantio, write } = inDirectory(t);
  for (const [file, said] of [
    ['{\n"cases": [],\n}', /is not JSON \(line 3\)/],
    [
      '{"cases":[{"host":"a","port":70000,"expect":"allow"}]}',
      /"port" wants a number from 1 to 65535/,
    ],
    ['{"cases":[{"host":"a","addresses":["b"],"expect":"allow"}]}', /wants a list of IP addresses/],
    ['{"cases":[]}', /wants "cases"/],
    [
      '{"cases":[{"host":"a","tool":"b","expect":"allow"}]}',
      /cases\[0\] wants exactly one of host/,
    ],
    ['{"cases":[{"host":"a"}]}', /cases\[0\] has no "expect"/],
    [
      '{"cases":[{"host":"a","expect":"allow"},{"host":"a","expect":"deny"}]}',
      /cases\[1\]: "expect" wants one of/,
    ],
    [
      '{"cases":[{"host":"a","server":"b","expect":"allow"}]}',
      /cases\[0\] has a member that a case about host has not/,
    ],
    ['{"cases":[{"egress":"a.example","expect":"allow"}]}', /"egress" wants an IP address/],
    ['{"cases":[{"host":"a","expect":"allow"}]}', /names no "policy"/],
    ['{"policies":"x","cases":[]}', /something beside "policy" and "cases": policies/],
  ] as const) {
    write('x.test.json', file);
    assert.match(await vantio(2, 'test', 'x.test.json'), said);
  }
});

test('simulate replays a ledger, and compares', async (t) => {
  const { cwd, vantio, write } = inDirectory(t);
  sampleLedger(cwd);
  write(
    'policy.json',
    policy(1, { blocked_hosts: [{ id: 'no-openai', host: '*.openai.com' }], redact_pii: {} }),
  );
  write('old.json', policy(1, { models: { blocked: ['gpt-*'] } }));
  const said = await vantio(
    0,
    'simulate',
    'policy.json',
    '--ledger',
    'ledger.ndjson',
    '--against',
    'old.json',
  );
  assert.match(said, /^no-openai {2}would block 1 call\n +1 {2}api\.openai\.com:443\n/);
  assert.match(said, /redact_pii {2}would redact 1 call: email 2, iban 1\n/);
  assert.match(said, /newly refused by no-openai: api\.openai\.com:443/);
  assert.match(said, /no longer refused by models\.blocked\.0: gpt-5\.2-mini/);
  assert.match(said, /unmeasured:\n +1 {2}host: the record names no host/);
  assert.match(said, /7 records replayed; nothing here is verified/);
  const json = await vantio(0, 'simulate', 'policy.json', '--ledger', 'ledger.ndjson', '--json');
  assert.equal((JSON.parse(json) as { records: number }).records, 7);
  assert.match(
    await vantio(2, 'simulate', 'policy.json', '--ledger', 'old.json'),
    /old\.json holds no record that can be read/,
  );
});

test('from key to emitter: keygen, sign, push, serve, pull, history, rollback', async (t) => {
  const { cwd, vantio, write } = inDirectory(t);
  const made = await runVantio(['keys', 'create', '--tenant', 'acme', '--out', 'agent.key'], {
    cwd,
  });
  assert.equal(made.status, 0, made.stderr);
  const trust = (await vantio(0, 'keygen', '--out', 'policy.key')).trim();
  assert.match(trust, /^[0-9a-f]{64}$/);
  assert.equal(statSync(join(cwd, 'policy.key')).mode & 0o777, 0o600);
  write('policy.json', policy(1));
  write('next.json', policy(2, { mode: 'dry_run' }));
  const push = (file: string, ...more: string[]) => ['push', file, '--tenant', 'acme', ...more];
  const signKey = ['--sign-key', 'policy.key'];
  assert.match(
    await vantio(0, ...push('policy.json', ...signKey)),
    /^published: version 1 .* signed by /,
  );
  assert.match(await vantio(2, ...push('policy.json', ...signKey)), /version: is not above 1/);

  const child = startVantio(['serve', '--port', '0', '--json'], { cwd });
  t.after(() => child.kill('SIGKILL'));
  const [line] = await once(child.stdout ?? child, 'data');
  const { url } = JSON.parse(String(line)) as { url: string };
  const pull = (...more: string[]) => [
    'pull',
    '--ingest-url',
    url,
    '--key-file',
    'agent.key',
    ...more,
  ];
  assert.match(await vantio(0, ...pull('--trust', trust)), /version 1, enforce, signed, fresh/);
  assert.match(await vantio(0, ...pull()), /version 1, enforce, transport only, fresh/);
  assert.match(
    await vantio(1, ...pull('--trust', 'a'.repeat(64))),
    /an emitter would refuse this policy/,
  );

  const signed = await vantio(0, 'sign', 'next.json', '--key', 'policy.key', '--tenant', 'acme');
  write('next.signed.json', signed);
  assert.match(
    await vantio(2, 'push', 'next.signed.json', '--tenant', 'other'),
    /signed for another tenant/,
  );
  await vantio(0, ...push('next.signed.json'));
  assert.match(await vantio(0, ...pull('--trust', trust)), /version 2, dry_run, signed/);

  assert.match(await vantio(2, 'rollback', '1', '--tenant', 'acme'), /give --sign-key/);
  assert.match(await vantio(2, 'rollback', '9', '--tenant', 'acme'), /version 9 was not published/);
  await vantio(0, 'rollback', '1', '--tenant', 'acme', ...signKey);
  assert.match(await vantio(0, ...pull('--trust', trust)), /version 3, enforce, signed/);
  const { versions } = JSON.parse(await vantio(0, 'history', '--tenant', 'acme', '--json')) as {
    versions: { version: number; mode: string }[];
  };
  assert.deepEqual(
    versions.map(({ version, mode }) => [version, mode]),
    [
      [1, 'enforce'],
      [2, 'dry_run'],
      [3, 'enforce'],
    ],
  );
  child.kill('SIGTERM');
  await once(child, 'close');
  const ledger = readFileSync(join(cwd, 'ledger.ndjson'), 'utf8');
  assert.equal(ledger.match(/"event_type":"policy_change"/g)?.length, 3);
});

test('a version may be a date, also to go back to', async (t) => {
  const { vantio, write } = inDirectory(t);
  write('policy.json', policy(20_261_126));
  await vantio(0, 'push', 'policy.json', '--tenant', 'acme');
  assert.match(
    await vantio(0, 'rollback', '20261126', '--tenant', 'acme'),
    /^published: version 20261127 /,
  );
});

test('a signing key that others can read is refused', async (t) => {
  const { cwd, vantio, write } = inDirectory(t);
  await vantio(0, 'keygen', '--out', 'policy.key');
  write('policy.json', policy(1));
  write('wide.key', readFileSync(join(cwd, 'policy.key'), 'utf8'));
  const sign = ['sign', 'policy.json', '--tenant', 'acme', '--key'];
  assert.match(await vantio(2, ...sign, 'wide.key'), /can be read by others/);
  assert.match(await vantio(2, ...sign, 'none.key'), /cannot be read \(ENOENT\)/);
});
