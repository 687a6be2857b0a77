type Begin = (
  what: unknown,
  input: unknown,
  runId: string,
  parentRunId?: string,
  tags?: unknown,
) => void;
type BeginModel = (
  what: unknown,
  input: unknown,
  runId: string,
  parentRunId?: string,
  extra?: unknown,
  tags?: unknown,
  metadata?: unknown,
) => Promise<void>;
type End = (outcome: unknown, runId: string) => void;

/** A callback handler of LangChain's, by shape: it fits what `callbacks` takes. */
export type ShieldCallback = {
  readonly name: 'vantio';
  readonly awaitHandlers: true;
  readonly raiseError: true;
  copy(): ShieldCallback;
  handleChainStart: Begin;
  handleChainEnd: End;
  handleChainError: End;
  handleLLMStart: BeginModel;
  handleChatModelStart: BeginModel;
  handleLLMEnd: End;
  handleLLMError: End;
  handleRetrieverStart: Begin;
  handleRetrieverEnd: End;
  handleRetrieverError: End;
  handleToolStart: (
    tool: unknown,
    input: unknown,
    runId: string,
    parentRunId?: string,
    tags?: unknown,
    metadata?: unknown,
    runName?: string,
  ) => Promise<void>;
  handleToolEnd: End;
  handleToolError: End;
};

/**
 * A callback that makes each run of a chain, model, retriever or tool a shield within that of the run around it, and records
 * each call of a tool: name, duration and outcome, never arguments or results. Under a policy a tool or model that it forbids
 * fails with a `VantioBlockedError` before anything of it has run.
 *
 * @param agent name of the shield of the outermost run, to which rules for one agent apply
 */
export function shieldCallback(agent?: string): ShieldCallback;
