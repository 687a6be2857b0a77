type Told = {
  readonly traceId: string;
  readonly spanId?: string;
  readonly parentId?: string | null;
  readonly spanData?: { readonly type: string; readonly name?: string };
  readonly error?: object | null;
};

/** A tracing processor of the OpenAI Agents SDK, by shape: it fits what `addTraceProcessor` takes. */
export type ShieldProcessor = {
  onTraceStart(trace: Told): Promise<void>;
  onTraceEnd(trace: Told): Promise<void>;
  onSpanStart(span: Told): Promise<void>;
  onSpanEnd(span: Told): Promise<void>;
  shutdown(): Promise<void>;
  forceFlush(): Promise<void>;
};

/**
 * Makes each trace of the Agents SDK, and each of its spans, a shield, so that requests are of the agent, model or tool that
 * makes them, and records each call of a tool: name, duration and outcome, never arguments or results. Shields of agents have
 * their names, to which rules for one agent apply.
 *
 * @param name of the shield of a whole run
 */
export function shieldProcessor(name?: string): ShieldProcessor;

/**
 * Holds an agent's tools, and those of the agents that it hands over to, to policy, in place: function tools and those of MCP
 * servers are given a guardrail, so that the model is told why one was refused; a refusal of any other, such as one that the
 * provider runs itself, fails the run. Nothing of a refused tool has run.
 *
 * @returns the agent
 */
export function guardAgent<A extends object>(agent: A): A;
