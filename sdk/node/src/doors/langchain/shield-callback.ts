import { core } from '../core.ts';
import { beginRun, endRun, passRun, type Run, runAround } from './runs.ts';

/** A BaseCallbackHandler by shape. */
export type Callback = {
  readonly name: 'vantio';
  readonly awaitHandlers: true;
  readonly raiseError: true;
  copy(): Callback;
} & Handlers;

type Begin = (what: unknown, input: unknown, id: string, parentId?: string, tags?: unknown) => void;
type End = (outcome: unknown, id: string) => void;
type BeginModel = (
  what: unknown,
  input: unknown,
  id: string,
  parentId?: string,
  extra?: unknown,
  tags?: unknown,
  metadata?: unknown,
) => Promise<void>;
type Handlers = {
  handleLLMStart: BeginModel;
  handleChatModelStart: BeginModel;
  handleToolStart: (
    tool: unknown,
    input: unknown,
    id: string,
    parentId?: string,
    tags?: unknown,
    metadata?: unknown,
    runName?: string,
  ) => Promise<void>;
} & Record<`handle${'Chain' | 'Retriever'}Start`, Begin> &
  Record<`handle${'Chain' | 'LLM' | 'Retriever' | 'Tool'}${'End' | 'Error'}`, End>;

/** LangGraph's own steps. */
const HIDDEN = 'langsmith:hidden';
let isAdopting = false;

/**
 * A callback that makes runs of chains, models, retrievers and tools shields, and calls of tools records. It is awaited and
 * its errors are raised, which is how LangChain lets a callback keep a tool from running: so nothing but a refusal leaves it.
 */
export function shieldCallback(agent?: string): Callback {
  const { adoptFrom, awaitedPolicy, beginTool, guard, judgeModel } = core();
  if (!isAdopting) adoptFrom(runAround);
  isAdopting = true;

  const begin: Begin = guard('a run of LangChain', (_, __, id, parentId, tags) => {
    const isHidden = Array.isArray(tags) && tags.includes(HIDDEN);
    if (isHidden) passRun({ id, parentId });
    else beginRun({ id, parentId }, agent);
  });
  const end: End = guard('the end of a run of LangChain', (_, id) => endRun(id, 1));
  const fail: End = guard('the end of a run of LangChain', (error, id) => endRun(id, 2, error));
  const judged = guard('a run of LangChain', (run: Run, judge: Judge, refused: Refused) => {
    const known = beginRun(run, agent);
    try {
      judge(known);
    } catch (error) {
      // LangChain tells nothing more of a run that did not begin.
      endRun(run.id, 2, error);
      refused(error);
    }
  });
  async function beginJudged(run: Run, judge: Judge): Promise<void> {
    await awaitedPolicy();
    let refusal: unknown;
    judged(run, judge, (error) => {
      refusal = error;
    });
    if (refusal !== undefined) throw refusal;
  }
  const beginModel: BeginModel = (_, __, id, parentId, extra, ___, metadata) =>
    beginJudged({ id, parentId }, ({ span }) => {
      const { model } = (extra as Extra)?.invocation_params ?? {};
      if (typeof model === 'string') judgeModel(providerOf(metadata), model, span);
    });

  const callback: Callback = {
    name: 'vantio',
    awaitHandlers: true,
    raiseError: true,
    copy: () => callback,
    handleChainStart: begin,
    handleChainEnd: end,
    handleChainError: fail,
    handleLLMStart: beginModel,
    handleChatModelStart: beginModel,
    handleLLMEnd: end,
    handleLLMError: fail,
    handleRetrieverStart: begin,
    handleRetrieverEnd: end,
    handleRetrieverError: fail,
    handleToolStart: (tool, _, id, parentId, __, ___, runName) =>
      beginJudged({ id, parentId }, (run) => {
        run.tool = beginTool(runName ?? classOf(tool), run.span);
      }),
    handleToolEnd: end,
    handleToolError: fail,
  };
  return callback;
}

type Judge = (run: ReturnType<typeof beginRun>) => void;
type Refused = (error: unknown) => void;
type Extra = { readonly invocation_params?: { readonly model?: unknown } } | undefined;

/** As LangChain names it for its own traces; policy calls some by other names. */
function providerOf(metadata: unknown): string {
  const provider = (metadata as { readonly ls_provider?: unknown } | undefined)?.ls_provider;
  return typeof provider === 'string' ? (OTHER_NAMES[provider] ?? provider) : '';
}

const OTHER_NAMES: Readonly<Record<string, string>> = {
  amazon_bedrock: 'bedrock',
  azure: 'openai',
  google_genai: 'gemini',
  google_vertexai: 'gemini',
};

/** A run is named after its tool unless the program names it otherwise; of the tool itself only its class is told. */
const classOf = (tool: unknown): string =>
  (tool as { readonly id?: readonly string[] } | null)?.id?.at(-1) ?? '';
