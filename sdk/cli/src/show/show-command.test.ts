import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  commitment,
  createSession,
  type Disclosure,
  type RecordDraft,
  readApiKey,
  recordKey,
  type SealedRecord,
} from '@vantio/schema';
import { ledgerLines } from '@vantio/schema/vectors/sample-session';
import { runVantio } from '../testing/run-vantio.ts';
import {
  API_KEY,
  disclosureLine,
  sampleLedger,
  writeDisclosures,
} from '../testing/sample-ledger.ts';
import { temporaryDirectory } from '../testing/temporary-directory.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SEEN = {
  action_taken: 'OBSERVED',
  evidence: 'observed',
  trace_origin: 'exact',
  trace_id: TRACE,
} as const;
const span = (digit: string): string => digit.repeat(16);

/** A session's records, 1 ms apart; its first is a session_start. */
function session(
  pid: number,
  drafts: readonly RecordDraft[],
  rest: Partial<RecordDraft> = {},
  source: 'sdk_node' | 'kernel_agent' = 'sdk_node',
): SealedRecord[] {
  const { tenantId, keyId } = readApiKey(API_KEY);
  const sessionKey = generateKeyPairSync('ed25519').privateKey;
  const { seal, publicKey } = createSession({
    tenantId,
    keyId,
    source,
    recordKey: recordKey(API_KEY),
    sessionKey,
  });
  const start = {
    event_type: 'session_start',
    action_taken: 'RECORDED',
    evidence: 'observed',
    trace_origin: 'none',
    session_public_key: publicKey,
    emitter: 'test',
    emitter_version: '1',
    runtime: 'node/24.21.0',
    pid,
    ...rest,
  } as RecordDraft;
  return [start, ...drafts].map((draft, at) =>
    seal(draft, 1_767_323_045_000_000 + pid * 1e6 + at * 1000),
  );
}

const shield = (
  id: string,
  parent: string | undefined,
  rest: Partial<RecordDraft> = {},
): RecordDraft =>
  ({
    ...SEEN,
    event_type: 'shield_end',
    span_id: span(id),
    ...(parent === undefined ? {} : { parent_span_id: span(parent) }),
    duration_us: 1500,
    outcome: 'ok',
    ...rest,
  }) as RecordDraft;

const request = (spanId: string | undefined, host: string): RecordDraft =>
  ({
    ...SEEN,
    event_type: 'http_request',
    ...(spanId === undefined ? {} : { span_id: span(spanId) }),
    target_host: host,
    target_port: 443,
    client: 'fetch',
    bytes_sent: 1234,
    duration_us: 45_678,
    status_class: 2,
  }) as RecordDraft;

function writeLedger(directory: string, sealed: readonly SealedRecord[]): string {
  const file = join(directory, 'ledger.ndjson');
  const lines = ledgerLines(sealed.map((one) => ({ sealed: one, apiKey: API_KEY })));
  writeFileSync(file, `${lines.join('\n')}\n`);
  return file;
}

test('spans stand under their parents and a child process under the span it was started from', async (t) => {
  const file = writeLedger(temporaryDirectory(t), [
    ...session(1, [
      request('b', 'inner.example'),
      shield('b', 'a'),
      shield('a', undefined),
      request(undefined, 'outside.example'),
    ]),
    ...session(2, [request('c', 'child.example'), shield('c', 'b')], { ppid: 1 }),
  ]);
  const { stdout, status } = await runVantio(['show', file]);
  assert.equal(status, 0);
  assert.equal(
    stdout,
    `trace ${TRACE}  2026-01-02 03:04:06  2 sessions  6 records  1.0 s
└─ process 1  node/24.21.0  exact
   ├─ shield  1.5 ms  ok
   │  └─ shield  1.5 ms  ok
   │     ├─ http  inner.example:443  ↑ 1.2 kB  46 ms  2xx
   │     └─ process 2  node/24.21.0  exact
   │        └─ shield  1.5 ms  ok
   │           └─ http  child.example:443  ↑ 1.2 kB  46 ms  2xx
   └─ http  outside.example:443  ↑ 1.2 kB  46 ms  2xx
1 trace; 2 records of no trace; nothing here is verified: that is what vantio verify does
`,
  );
});

test("what the kernel's agent saw stands where its processes do, and under the span that it was joined with", async (t) => {
  const of = (pid: number, rest: Partial<RecordDraft>): RecordDraft =>
    ({ ...SEEN, pid, process_start: 100 + pid, thread_id: pid, ...rest }) as RecordDraft;
  const to = { protocol: 'tcp', target_ip: '192.0.2.1', target_port: 443 } as const;
  const file = writeLedger(temporaryDirectory(t), [
    ...session(
      10,
      [
        { ...request('a', 'inner.example'), pid: 10, process_start: 110 } as RecordDraft,
        of(10, {
          event_type: 'process_exec',
          span_id: span('a'),
          child_pid: 11,
          argc: 2,
          thread_id: undefined,
        }),
        shield('a', undefined),
      ],
      { process_start: 110 },
    ),
    ...session(
      10,
      [
        of(10, { event_type: 'net_connect', ...to, span_id: span('a') }),
        of(10, { event_type: 'file_open', file_path_commit: 'a'.repeat(64) }),
        of(10, { event_type: 'process_fork', child_pid: 11, child_process_start: 111 }),
        of(11, { event_type: 'process_exec', error_code: 'ENOENT', process_name: 'node' }),
        of(11, { event_type: 'process_exec', argc: 2, process_name: 'bash' }),
        of(11, { event_type: 'process_fork', child_pid: 12, child_process_start: 112 }),
        of(12, {
          event_type: 'net_connect',
          ...to,
          process_name: 'curl',
          trace_origin: 'inherited',
        }),
        of(12, {
          event_type: 'process_exit',
          process_name: 'curl',
          duration_us: 5000,
          exit_code: 0,
        }),
      ],
      { runtime: 'vantio-agent/0.1.0', pid: 7 },
      'kernel_agent',
    ),
  ]);
  const { status, stdout } = await runVantio(['show', file]);
  assert.equal(status, 0);
  const [, ...lines] = stdout.trimEnd().split('\n');
  assert.deepEqual(lines.slice(0, -1), [
    '└─ process 10  node/24.21.0  exact',
    '   ├─ shield  1.5 ms  ok',
    '   │  ├─ http  inner.example:443  ↑ 1.2 kB  46 ms  2xx',
    '   │  ├─ exec  pid 11 2 arguments',
    '   │  ├─ connect  192.0.2.1:443',
    '   │  └─ process 11  bash  exact',
    '   │     ├─ process 12  curl  inherited',
    '   │     │  ├─ connect  192.0.2.1:443',
    '   │     │  └─ exit  5.0 ms  exit 0',
    '   │     ├─ exec  1 path without a program',
    '   │     └─ exec  2 arguments',
    '   └─ open  1 file',
  ]);
});

test('a child process without spans stands under its parent process, a worker thread under its main thread', async (t) => {
  const file = writeLedger(temporaryDirectory(t), [
    ...session(3, [request(undefined, 'main.example')]),
    ...session(4, [request(undefined, 'child.example')], { ppid: 3 }),
    ...session(3, [{ ...request(undefined, 'worker.example'), thread_id: 1 }], { thread_id: 1 }),
  ]);
  const { stdout } = await runVantio(['show', file, '--ascii']);
  assert.match(stdout, /\n`- process 3 {2}node\/24\.21\.0 {2}exact\n/);
  assert.match(stdout, /\n {3}[|`]- process 4 {2}/);
  assert.match(stdout, /\n {3}[|`]- process 3 {2}thread 1 {2}/);
});

test('spans that name each other as parent are shown all the same, once', async (t) => {
  const file = writeLedger(
    temporaryDirectory(t),
    session(5, [shield('a', 'b'), shield('b', 'a'), shield('c', 'c')]),
  );
  const { stdout, status } = await runVantio(['show', file]);
  assert.equal(status, 0);
  assert.equal(stdout.match(/shield/g)?.length, 3);
});

test('spans nested without end are cut at a depth that a terminal can show', async (t) => {
  const id = (at: number): string => (at + 1).toString(16).padStart(16, '0');
  const drafts = Array.from(
    { length: 2000 },
    (_, at) =>
      ({
        ...shield('a', undefined),
        span_id: id(at),
        ...(at === 0 ? {} : { parent_span_id: id(at - 1) }),
      }) as RecordDraft,
  );
  const file = writeLedger(temporaryDirectory(t), session(6, drafts));
  const { stdout, status } = await runVantio(['show', file]);
  assert.equal(status, 0);
  assert.match(stdout, /1 node nested deeper/);
  const json = await runVantio(['show', file, '--json']);
  assert.equal((JSON.parse(json.stdout) as { traces: unknown[] }).traces.length, 1);
});

test("names come from disclosures, with nothing in them that drives a terminal; else the commitment's digits stand", async (t) => {
  const directory = temporaryDirectory(t);
  const disclosure: Disclosure = {
    field: 'agent_name',
    salt: 'ab'.repeat(32),
    value: 'evil\u001b]0;owned\u0007\u001b[31m\r\n\u202edrow \u009bname',
  };
  const sealed = session(7, [
    shield('a', undefined, { agent_name_commit: commitment(disclosure) }),
  ]);
  const file = writeLedger(directory, sealed);
  const record = sealed[1];
  assert.ok(record);
  const digits = (await runVantio(['show', file])).stdout;
  assert.ok(digits.includes(`#${commitment(disclosure).slice(0, 8)}`));
  writeDisclosures(file, [disclosureLine(record, disclosure)]);
  const named = (await runVantio(['show', file])).stdout;
  assert.ok(
    named.includes('evil\\u{1b}]0;owned\\u{7}\\u{1b}[31m\\u{d}\\u{a}\\u{202e}drow \\u{9b}name'),
    named,
  );
  assert.doesNotMatch(named.replaceAll('\n', ''), /\p{Cc}|\p{Cf}/u);
  writeDisclosures(file, [disclosureLine(record, { ...disclosure, value: 'another' })]);
  assert.doesNotMatch((await runVantio(['show', file])).stdout, /another/);
});

test('--trace shows one trace by its first digits, and exits 1 where there is none', async (t) => {
  const { file } = sampleLedger(temporaryDirectory(t));
  const found = await runVantio(['show', file, '--trace', '4bf92f35', '--json']);
  assert.equal(found.status, 0);
  const { traces } = JSON.parse(found.stdout) as {
    traces: { trace_id: string; records: number }[];
  };
  assert.deepEqual(
    traces.map(({ trace_id, records }) => [trace_id, records]),
    [['4bf92f3577b34da6a3ce929d0e0e4736', 3]],
  );
  assert.equal((await runVantio(['show', file, '--trace', 'ffff'])).status, 1);
  assert.equal((await runVantio(['show', file, '--trace', 'XYZ'])).status, 2);
  assert.equal((await runVantio(['show', `${file}x`])).status, 2);
});

test('a line that holds no record is counted, not shown', async (t) => {
  const { file, lines } = sampleLedger(temporaryDirectory(t));
  writeFileSync(
    file,
    `${[...lines, '\u001b[2Jgone', lines[1]?.replace('POST', 'post')].join('\n')}\n`,
  );
  const { stdout, status } = await runVantio(['show', file]);
  assert.equal(status, 0);
  assert.match(stdout, /2 unreadable lines: run vantio verify/);
  assert.doesNotMatch(stdout, /gone/);
});
