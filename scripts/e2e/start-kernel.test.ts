import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { type AuditRecord, parseLedgerLine } from '@vantio/schema';
import { run, vantio } from './run.ts';
import { skeleton } from './skeleton.ts';

const scratch = mkdtempSync(join(tmpdir(), 'vantio-kernel-demo-'));
after(() => rmSync(scratch, { recursive: true, force: true }));

/** The step of a run that shows the kernel's view. */
const stepOf = (text: string): string =>
  /^\d+ {2}The kernel’s view[^\n]*\n([\s\S]*?)\n\n\d+ {2}/m.exec(text)?.[1] ?? '';

test('as root scripts/start --once adds what the kernel saw to the trace, or says why it cannot', async (t) => {
  const dir = join(scratch, 'demo');
  const ran = await run('scripts/start', ['--once', '--dir', dir], {
    ...process.env,
    COLUMNS: '110',
  });
  assert.equal(ran.status, 0, `${ran.stdout}\n${ran.stderr}`);
  const last = ran.stdout.trimEnd().split('\n').at(-1) ?? '';
  const said = /^records (\d+), verified (\d+), ledger (\S+), key (\S+)$/.exec(last);
  assert.ok(said, last);
  assert.equal(said[2], said[1]);
  const [, why] =
    /^without the kernel’s view: (.*)$/m.exec(ran.stderr) ??
    /^ {3}left out: (.*)$/m.exec(ran.stdout) ??
    [];
  if (why !== undefined) {
    t.skip(why);
    return;
  }
  const ledger = said[3] ?? '';
  const lines = readFileSync(ledger, 'utf8').trimEnd().split('\n');
  assert.equal(lines.length, Number(said[1]), 'the count has the records of the agent, too');
  const records = lines.map((line) => parseLedgerLine(line).record);
  const shield = records.findLast(({ event_type }) => event_type === 'shield_end');
  const trace = records.filter(({ trace_id }) => trace_id === shield?.trace_id);
  const kernel = trace.filter(({ source }) => source === 'kernel_agent');
  const only = (type: string, more: Partial<AuditRecord>): AuditRecord => {
    const fits = (record: AuditRecord): boolean =>
      Object.entries(more).every(([name, value]) => record[name as keyof AuditRecord] === value);
    const [found, ...others] = kernel.filter((one) => one.event_type === type && fits(one));
    assert.ok(found !== undefined && others.length === 0, `${type} ${JSON.stringify(more)}`);
    return found;
  };
  const request = trace.find(
    ({ event_type, span_id }) => event_type === 'http_request' && span_id === shield?.span_id,
  );
  // SDK call: the kernel's word of its connection, joined with its span.
  const made = only('net_connect', { target_port: request?.target_port, trace_origin: 'exact' });
  assert.equal(made.span_id, shield?.span_id);
  assert.equal(made.local_port, request?.local_port);
  // bash, which the SDK started; curl, which bash started; the host.
  const started = trace.find(
    ({ source, event_type }) => source === 'sdk_node' && event_type === 'process_exec',
  );
  const bash = only('process_exit', { process_name: 'bash' });
  assert.equal(bash.pid, started?.child_pid);
  const fork = only('process_fork', { pid: bash.pid });
  const curl = only('net_connect', { process_name: 'curl', trace_origin: 'inherited' });
  assert.deepEqual([curl.pid, curl.target_port], [fork.child_pid, request?.target_port]);

  const { status, stdout } = await vantio('verify', ledger, '--key-file', said[4] ?? '');
  assert.equal(status, 0, stdout);
  assert.match(stdout, /kernel_agent {2}[\d,]+ records {2}verified/);
  const [, shown = ''] =
    /<!-- capture of the kernel: [^\n]*\n```text\n\$ [^\n]*\n([\s\S]*?)```/.exec(
      readFileSync('README.md', 'utf8'),
    ) ?? [];
  assert.deepEqual(skeleton(stepOf(ran.stdout), dir), skeleton(shown, dir));
});
