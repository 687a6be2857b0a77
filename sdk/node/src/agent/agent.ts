import { existsSync } from 'node:fs';
import { debug } from '../context/debug.ts';
import { now } from '../context/main-realm.ts';
import { processTrace } from '../context/process-trace.ts';
import { EXEMPT, type Span, spanIdOf, traceIdOf } from '../context/span.ts';
import { agentPath } from './agent-path.ts';
import type { createSpeaker, Message, Speaker } from './speak.ts';

// The bundler makes of this a part of the same file that runs at its first use.
declare const require: (path: './speak.ts') => { createSpeaker: typeof createSpeaker };

/** Where there is no agent it is looked for again when there is something to say, and not sooner than this. */
const LOOK_AGAIN_MS = 10_000;

let path: string | undefined;
let notBefore = Number.NEGATIVE_INFINITY;
let speaker: Speaker | undefined;

/** Speaks to the machine's agent, if there is one: registers this process's trace. */
export function greetAgent(): void {
  path = agentPath();
  look();
}

/** Whether what connections are used for is to be told; an agent that is not there yet may come. */
export const isTold = (): boolean => path !== undefined;

/** Whether an agent listens now. */
export const isHeard = (): boolean => look()?.isOpen() === true;

function look(): Speaker | undefined {
  if (speaker || path === undefined || now() < notBefore) return speaker;
  notBefore = now() + LOOK_AGAIN_MS;
  try {
    if (existsSync(path)) speaker = require('./speak.ts').createSpeaker(path);
  } catch (error) {
    path = undefined;
    debug('nothing is told to the agent', error);
  }
  return speaker;
}

export const tellAgent = (message: Message): void => speaker?.say(message);

/** A child that was started in a trace which is not the process's own: what it had from that is replaced. */
export function tellChild(pid: number, span: Span | undefined): void {
  if (span === undefined || span === EXEMPT || !isHeard()) return;
  const trace = traceIdOf(span);
  if (trace !== processTrace?.id) tellAgent({ op: 'child', trace_id: trace, child_pid: pid });
}

/** The ids of a span, or of what is done outside of any. */
export function idsOf(span: Span | undefined): Message {
  if (span === undefined) return { trace_id: processTrace?.id };
  const trace_id = traceIdOf(span);
  return span.id === undefined && span.at === -1
    ? { trace_id }
    : { trace_id, span_id: spanIdOf(span) };
}
