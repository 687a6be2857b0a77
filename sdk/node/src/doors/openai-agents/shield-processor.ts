import { core } from '../core.ts';
import { beginRun, endRun, runAround, type Told } from './runs.ts';

/** A TracingProcessor by shape. */
export type Processor = {
  onTraceStart(trace: Told): Promise<void>;
  onTraceEnd(trace: Told): Promise<void>;
  onSpanStart(span: Told): Promise<void>;
  onSpanEnd(span: Told): Promise<void>;
  shutdown(): Promise<void>;
  forceFlush(): Promise<void>;
};

let isAdopting = false;

/** Makes each trace of the Agents SDK, and each span in it, a shield, and each call of a function tool a record. */
export function shieldProcessor(name?: string): Processor {
  const { adoptFrom, guard, seeTool } = core();
  if (!isAdopting) adoptFrom(runAround);
  isAdopting = true;
  const beginTrace = guard('a trace of an agent', (trace: Told) => void beginRun(trace, name));
  const beginSpan = guard('a span of an agent', (told: Told) => {
    const { type, name: subject } = told.spanData ?? { type: '' };
    const run = beginRun(told, type === 'agent' ? subject : undefined);
    if (type === 'function' && subject !== undefined) run.tool = seeTool(subject, run.span);
  });
  const end = guard('the end of a span of an agent', endRun);
  return {
    onTraceStart: async (trace) => beginTrace(trace),
    onTraceEnd: async (trace) => end(trace),
    onSpanStart: async (span) => beginSpan(span),
    onSpanEnd: async (span) => end(span),
    shutdown: async () => {},
    forceFlush: async () => {},
  };
}
