import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { scratch } from '../../testing/run-agent.ts';
import { linesOf, runEnforced } from '../testing/run-enforced.ts';
import { toolRecords } from '../testing/tool-servers.ts';

const POLICY = { v: 1, version: 1, tools: { allowed: ['echo', 'halves'] } };
const REFUSED = {
  code: -32_000,
  message: 'The tool is not among those that policy allows.',
};

type Answer = string | { readonly error: { readonly data: Record<string, string> } };
type Came = {
  readonly answers: Readonly<Record<string, Answer>>;
  readonly thrown?: string;
  readonly code?: number;
  readonly returned?: unknown;
  readonly calls?: number;
};

async function goes<T = Came>(ways: readonly string[], policy: object | undefined = POLICY) {
  const log = join(scratch(), 'lines');
  writeFileSync(log, '');
  const argument = JSON.stringify({ ways, log });
  const ran = await runEnforced('enforced/pipes.mjs', policy, { args: [argument] });
  const [came] = linesOf<Record<string, T>>(ran);
  assert.ok(came, `${ran.code} ${ran.stderr}`);
  const reached = readFileSync(log, 'utf8');
  return { came, reached, ran };
}

/** Without what differs from run to run, which is looked at here. */
function plain(answer: Answer | undefined): unknown {
  if (typeof answer !== 'object') return answer;
  const { data, ...error } = answer.error;
  assert.deepEqual([data.code, data.ruleId], ['BLOCKED_TOOL', 'tools.allowed']);
  return error;
}

test('what is piped into a server and refused is answered in its place, on a line of its own', async () => {
  const ways = [
    'piped',
    'piped in odd pieces',
    'while an answer comes in halves',
    'two in a chunk',
  ];
  const { came, reached, ran } = await goes(ways);
  for (const way of ways) {
    const answers = Object.entries(came[way]?.answers ?? {});
    assert.deepEqual(
      Object.fromEntries(answers.map(([id, answer]) => [id, plain(answer)])),
      way === 'while an answer comes in halves'
        ? { hello: 'hello', 1: 'halves', 2: REFUSED }
        : { hello: 'hello', 1: REFUSED, 2: 'echo' },
      way,
    );
  }
  assert.ok(!reached.includes('delete'));
  assert.ok(reached.includes('é€😀'));
  const refused = toolRecords(ran).filter(({ action_taken }) => action_taken === 'BLOCKED_TOOL');
  assert.equal(refused.length, ways.length);
  assert.ok(refused.every(({ mcp_transport }) => mcp_transport === 'stdio'));
});

test('who writes the message itself is thrown the refusal, however it writes it', async () => {
  const ways = ['one in fragments', 'after blanks', 'as the last thing'];
  const { came, reached } = await goes(ways);
  for (const way of ways) assert.equal(came[way]?.thrown, 'BLOCKED_TOOL', way);
  assert.equal(came['one in fragments']?.answers[2], 'echo');
  assert.equal(came['as the last thing']?.code, 0, 'the pipe is ended all the same');
  assert.ok(!reached.includes('delete'));
});

test('a message that is too long to be held is a tool that nobody can name', async () => {
  const { came, reached, ran } = await goes(['too long to be held']);
  assert.equal(came['too long to be held']?.thrown, 'BLOCKED_TOOL');
  assert.deepEqual(came['too long to be held']?.answers, { hello: 'hello', 2: 'echo' });
  assert.ok(!reached.includes('xxx'));
  const [long] = toolRecords(ran);
  assert.deepEqual([long?.tool_name, long?.action_taken], ['_', 'BLOCKED_TOOL']);
  const free = await goes(['too long to be held'], { v: 1, version: 1 });
  assert.deepEqual(free.came['too long to be held']?.answers, {
    hello: 'hello',
    1: 'echo',
    2: 'echo',
  });
  assert.ok(free.reached.includes('xxx'));
  assert.deepEqual(
    toolRecords(free.ran).map(({ tool_name, outcome }) => [tool_name, outcome]),
    [
      ['_', 'unknown'],
      ['echo', 'ok'],
    ],
  );
});

test('callbacks are called and what write returns is as without us', async () => {
  const { came } = await goes(['with callbacks']);
  assert.deepEqual(came['with callbacks']?.returned, [true, true]);
  assert.equal(came['with callbacks']?.calls, 3);
});

test('the pipes of other children are left alone after a first look', async () => {
  const others = ['text', 'a length first', 'JSON without a line', 'other lines of JSON'];
  const { came, ran } = await goes<{ came: boolean[]; isOwn: boolean }>(others);
  for (const other of others)
    assert.deepEqual(came[other], { came: [true, true], isOwn: false }, other);
  assert.deepEqual(toolRecords(ran), []);
});
