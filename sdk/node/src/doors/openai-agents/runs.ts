import type { Span } from '../../context/span.ts';
import type { RunningTool } from '../../tools/begin-tool.ts';
import { core } from '../core.ts';
import { nearer } from '../nearer.ts';

/** What the Agents SDK's tracing tells of a trace or of a span in one. */
export type Told = {
  readonly traceId: string;
  readonly spanId?: string;
  readonly parentId?: string | null;
  readonly spanData?: { readonly type: string; readonly name?: string };
  readonly error?: object | null;
};

/** Of what never ends nothing is told any more, and it must not pile up. */
const MAX_RUNS = 10_000;
type Run = { readonly span: Span; tool?: RunningTool };
const runs = new Map<string, Run>();

const idOf = ({ traceId, spanId }: Told): string => spanId ?? traceId;

export function beginRun(told: Told, name: string | undefined): Run {
  const { currentSpan, openSpan } = core();
  const around = told.spanId === undefined ? undefined : runs.get(told.parentId || told.traceId);
  const span = openSpan(name, around?.span ?? currentSpan());
  const run: Run = { span };
  for (const [oldest] of runs) {
    if (runs.size < MAX_RUNS) break;
    runs.delete(oldest);
  }
  runs.set(idOf(told), run);
  return run;
}

export function endRun(told: Told): void {
  const id = idOf(told);
  const run = runs.get(id);
  runs.delete(id);
  if (!run) return;
  // The error itself is a message and content.
  if (told.error) run.tool?.fail(undefined);
  else run.tool?.succeed();
  core().closeSpan(run.span, told.error ? 2 : 1);
}

const STORAGE = Symbol.for('openai.agents.core.asyncLocalStorage');
type Store = { readonly active?: boolean; readonly trace?: Told; readonly span?: Told };

/** What the Agents SDK says the current code is in; nothing, where it cannot say. */
export function currentRun(): Run | undefined {
  try {
    return runIn(currentStore());
  } catch {
    return undefined;
  }
}

function currentStore(): Store | undefined {
  const storage = (globalThis as Readonly<Record<symbol, unknown>>)[STORAGE] as
    | { getStore(): Store | undefined }
    | undefined;
  return storage?.getStore();
}

function runIn(store: Store | undefined): Run | undefined {
  if (store?.active !== true) return undefined;
  const { span, trace } = store;
  return (
    (span && (runs.get(span.spanId ?? '') ?? runs.get(span.parentId ?? ''))) ??
    (trace && runs.get(trace.traceId))
  );
}

export const runAround = (own: Span | undefined): Span | undefined =>
  nearer(own, currentRun()?.span);
