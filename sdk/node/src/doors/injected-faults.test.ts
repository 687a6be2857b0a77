import assert from 'node:assert/strict';
import { test } from 'node:test';
import { linesOf, REGISTER, runEnforced } from '../enforce/testing/run-enforced.ts';
import { fixturePath } from '../testing/run-agent.ts';
import { startToolServer } from './testing/tool-server.ts';

type Said = { readonly name: string; readonly text?: string; readonly ran: readonly string[] };

const DOORS = {
  ai: 'one trace',
  langchain: 'agent',
  'openai-agents': 'one trace',
} as const;
const PRELOADS = ['doors/faults.cjs']
  .map(fixturePath)
  .concat(REGISTER)
  .map((file) => `--require=${file}`)
  .join(' ');
/** Would be noticed if the fault did not happen. */
const FAULTS = {
  decideTool: { v: 1, version: 1, tools: { blocked: ['read'] } },
  decideModel: { v: 1, version: 1, models: { blocked: ['model-1'] } },
  'async_hooks:AsyncLocalStorage': { v: 1, version: 1, tools: { blocked: ['other'] } },
} as const;

async function say(door: keyof typeof DOORS, fault: string, policy: unknown): Promise<Said> {
  const server = await startToolServer();
  const { stdout, stderr, ...ran } = await runEnforced(`doors/${door}.mjs`, policy, {
    args: [JSON.stringify({ url: server.url, only: [DOORS[door]] })],
    env: { NODE_OPTIONS: PRELOADS, FAULT: fault },
  });
  server.close();
  assert.doesNotMatch(stdout, /unhandled/);
  assert.equal(ran.code, 0, stderr);
  const [said] = linesOf<Said>({ stdout, stderr, ...ran });
  assert.ok(said, stderr);
  return said;
}

for (const door of ['ai', 'langchain', 'openai-agents'] as const)
  for (const [fault, policy] of Object.entries(FAULTS))
    test(`the host of ${door} does not notice that ${fault} fails`, async () => {
      const expected = await say(door, '', undefined);
      assert.ok(expected.ran.length > 0);
      assert.deepEqual(await say(door, fault, policy), expected);
    });

test('what cannot be judged is refused where policy is closed', async () => {
  const policy = { ...FAULTS.decideTool, on_unavailable: 'closed' };
  const { ran } = await say('openai-agents', 'decideTool', policy);
  assert.deepEqual(ran, []);
});
