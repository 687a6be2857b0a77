import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { wrapPolicy } from '@vantio/schema/policy/signed-policy';
import { runVantio } from '../testing/run-vantio.ts';
import { temporaryDirectory } from '../testing/temporary-directory.ts';

const APP = `fetch(process.env.URL).then(({ status }) => console.log(status), ({ code, message }) => console.log(code, message));`;

test('run --policy holds a program to a policy without a change in it, and says what that takes', async (t) => {
  let connections = 0;
  const server = createServer((_, response) => response.end('ok'));
  server.on('connection', () => {
    connections++;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const file = join(temporaryDirectory(t), 'policy.json');
  const env = { URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` };
  const run = (blocked: string) => {
    const rule = { host: blocked, id: 'shut', reason: 'Ask a person' };
    writeFileSync(file, JSON.stringify({ v: 1, version: 1, blocked_hosts: [rule] }));
    return runVantio(['run', '--policy', file, '--', process.execPath, '-e', APP], { env });
  };
  const refused = await run('127.0.0.1');
  assert.match(refused.stdout, /^BLOCKED_HOST .*rule shut.*Ask a person/);
  assert.match(refused.stderr, /policy is enforced: functions of Node.js are replaced/);
  assert.equal(connections, 0);
  assert.equal((await run('blocked.example')).stdout, '200\n');
  const inherited = { ...env, VANTIO_POLICY_FILE: file };
  const ran = await runVantio(['run', '--', process.execPath, '-e', APP], { env: inherited });
  assert.match(ran.stderr, /policy is enforced: functions of Node.js are replaced/);
});

test('run does not start a program under a policy that cannot be taken', async (t) => {
  const file = join(temporaryDirectory(t), 'policy.json');
  writeFileSync(file, '{"v":1,"version":1,"blockd_hosts":[]}');
  const patterned = `${file}.pattern`;
  const custom = [{ id: 'own', pattern: '(a)\\1' }];
  writeFileSync(patterned, JSON.stringify({ v: 1, version: 1, redact_pii: { custom } }));
  const torn = `${file}.torn`;
  writeFileSync(torn, '{"v":1,"version":1,}');
  const served = `${file}.served`;
  writeFileSync(served, wrapPolicy({ v: 1, version: 1 }, 'acme'));
  for (const [path, said] of [
    [torn, /\.torn is not JSON; vantio policy lint names the line/],
    [served, /is a policy as it is served to emitters; a file takes what stands under "policy"/],
    [file, /blockd_hosts: is not a member of a policy/],
    [patterned, /redact_pii\.custom\[0\]\.pattern: has a backreference/],
    [`${file}.none`, /cannot be read \(ENOENT\); name a policy file/],
  ] as const) {
    const program = ['--', process.execPath, '-e', APP];
    for (const ran of [
      await runVantio(['run', '--policy', path, ...program]),
      await runVantio(['run', ...program], { env: { VANTIO_POLICY_FILE: path } }),
    ]) {
      assert.equal(ran.status, 2);
      assert.equal(ran.stdout, '');
      assert.match(ran.stderr, said);
    }
  }
});
