import type { Action } from '@vantio/schema/actions';
import type { RecordDraft } from '@vantio/schema/emitter';
import type { Span } from '../context/span.ts';

type Own = 'event_type' | 'trace_id' | 'trace_origin' | 'span_id' | 'parent_span_id';
type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Detail fields of a record, as its event type allows them. */
export type Detail = Mutable<Partial<Omit<RecordDraft, Own>>>;

/** Something that happened, as small as it can be kept until the flush makes a record of it. */
export type Observation = {
  readonly type:
    | 'http_request'
    | 'net_connect'
    | 'tls_connect'
    | 'process_exec'
    | 'anomaly'
    | 'llm_call'
    | 'tool_call'
    | 'mcp_tool_call'
    | 'policy_state'
    | 'coverage';
  /** What policy did; absent: nothing, it was only seen. */
  readonly action?: Action;
  /** When, in milliseconds of `now()`. */
  readonly at: number;
  readonly span: Span | undefined;
  /** A function is called at the flush. */
  readonly detail: Detail | (() => Detail);
  /** Of a call of a model, for whoever exports it; in no record. */
  readonly asked?: { readonly operation: string; readonly model: string | undefined };
  /** Of a program that was started; in the record only as a commitment. */
  readonly path?: string;
};

export type Entry = Observation | Span;
