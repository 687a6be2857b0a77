import type { Span } from '../../context/span.ts';
import type { RunningTool } from '../../tools/begin-tool.ts';
import { core } from '../core.ts';
import { nearer } from '../nearer.ts';

/** Runs of which LangChain never tells the end, such as those of a stream that nobody reads on, must not pile up. */
const MAX_RUNS = 10_000;

type Known = {
  readonly span: Span;
  /** Whether the span ends with the run; else it is that of the run around it. */
  readonly isOwn: boolean;
  tool?: RunningTool;
};
const runs = new Map<string, Known>();

export type Run = { readonly id: string; readonly parentId: string | undefined };

/** @param agent name of the shield if the run is the outermost that is told of */
export function beginRun(run: Run, agent: string | undefined): Known {
  const { currentSpan, openSpan } = core();
  const around = spanOf(run.parentId);
  const span = around ? openSpan(undefined, around) : openSpan(agent, currentSpan());
  return keep(run.id, { span, isOwn: true });
}

/** A run that is not told of: what is in it is in the run around it. */
export function passRun({ id, parentId }: Run): void {
  const span = spanOf(parentId);
  if (span) keep(id, { span, isOwn: false });
}

export function endRun(id: string, state: 1 | 2, error?: unknown): void {
  const run = runs.get(id);
  runs.delete(id);
  if (state === 1) run?.tool?.succeed();
  else run?.tool?.fail(error);
  if (run?.isOwn) core().closeSpan(run.span, state, error);
}

const spanOf = (id: string | undefined): Span | undefined =>
  id === undefined ? undefined : runs.get(id)?.span;

function keep(id: string, run: Known): Known {
  if (runs.size >= MAX_RUNS)
    for (const [oldest] of runs) {
      runs.delete(oldest);
      break;
    }
  runs.set(id, run);
  return run;
}

type Config = { readonly callbacks?: { readonly getParentRunId?: () => string | undefined } };
type Store = { readonly extra?: Readonly<Record<symbol, Config | undefined>> };
type Storage = { getStore(): Store | undefined };

const STORAGE = Symbol.for('ls:tracing_async_local_storage');
const CONFIG = Symbol.for('lc:child_config');

/** The run that LangChain says the current code is in, where it keeps that: it does once LangGraph is loaded. */
export function runAround(own: Span | undefined): Span | undefined {
  const storage = (globalThis as Readonly<Record<symbol, unknown>>)[STORAGE] as Storage | undefined;
  const callbacks = storage?.getStore()?.extra?.[CONFIG]?.callbacks;
  return nearer(own, spanOf(callbacks?.getParentRunId?.()));
}
