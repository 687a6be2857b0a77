import { core } from '../core.ts';
import { currentRun } from './runs.ts';

type Guardrail = {
  readonly type: 'tool_input';
  readonly name: string;
  run(data: { readonly toolCall: Call }): Promise<Output>;
};
type Output = { readonly behavior: Behavior; readonly outputInfo?: unknown };
type Behavior =
  | { readonly type: 'allow' }
  | { readonly type: 'rejectContent'; readonly message: string };
type Call = { readonly name?: string; readonly callId?: string };
type Tool = { readonly type: string; readonly name: string; inputGuardrails?: Guardrail[] };
type Server = { toolInputGuardrails?: Guardrail[] };
type Agent = {
  readonly tools?: readonly Tool[];
  readonly mcpServers?: readonly Server[];
  readonly handoffs?: readonly (Agent | { readonly agent: Agent })[];
  on(event: string, listener: (...args: never[]) => void): unknown;
};
type Refusal = { readonly message: string; readonly code: string; readonly ruleId: string };

const guarded = new WeakSet<object>();

/**
 * Has every tool of an agent, and of those that it hands over to, judged before it runs. Function tools and those of MCP
 * servers have guardrails for that, by which the model is told; a refusal of another ends the run.
 */
export function guardAgent<A extends object>(agent: A): A {
  guard(agent as unknown as Agent);
  return agent;
}

function guard(agent: Agent): void {
  if (guarded.has(agent)) return;
  guarded.add(agent);
  for (const tool of agent.tools ?? [])
    if (tool.type === 'function') tool.inputGuardrails = withOurs(tool.inputGuardrails);
  for (const server of agent.mcpServers ?? [])
    server.toolInputGuardrails = withOurs(server.toolInputGuardrails);
  agent.on('agent_start', () => refuseHosted(agent));
  agent.on('agent_tool_start', (_: unknown, tool: Tool) => {
    if (!isGuarded(tool)) judge(tool.name);
  });
  for (const next of agent.handoffs ?? []) guard('agent' in next ? next.agent : next);
}

/** What the provider runs itself is decided before it is asked. */
function refuseHosted({ tools }: Agent): void {
  for (const { type, name } of tools ?? [])
    if (type === 'hosted_tool') core().refuseTool(name, currentRun()?.span);
}

const withOurs = (guardrails: readonly Guardrail[] = []): Guardrail[] =>
  guardrails.includes(guardrail) ? [...guardrails] : [guardrail, ...guardrails];

const isGuarded = ({ inputGuardrails }: Tool): boolean =>
  inputGuardrails?.includes(guardrail) === true;

/** Of what is refused nothing else is recorded. @throws VantioBlockedError */
function judge(tool: string): void {
  const run = currentRun();
  if (run) delete run.tool;
  const judged = core().beginTool(tool, run?.span);
  if (run) run.tool = judged;
}

const guardrail: Guardrail = {
  type: 'tool_input',
  name: 'vantio',
  async run({ toolCall }) {
    await core().awaitedPolicy();
    try {
      judge(toolCall.name ?? '');
      return { behavior: { type: 'allow' } };
    } catch (error) {
      const { message, code, ruleId } = error as Refusal;
      if (!String(code).startsWith('BLOCKED_')) return { behavior: { type: 'allow' } };
      return { behavior: { type: 'rejectContent', message }, outputInfo: { code, ruleId } };
    }
  },
};
