import type { AuditRecord } from '@vantio/schema';
import { recordHash } from '@vantio/schema/hash';
import type { SoundLine } from '../../import/read-sound-lines.ts';
import { microsOf } from '../micros-of.ts';
import { attributesOf } from './attributes.ts';
import { type Attribute, attribute, nanosOf } from './otlp-value.ts';

const [INTERNAL, CLIENT] = [1, 3];
const [UNSET, ERROR] = [0, 2];

type Kind = {
  readonly name: string;
  readonly kind: number;
  readonly attributes: readonly Attribute[];
};

const OPERATION = 'gen_ai.operation.name';

/** Name, kind and required attributes, by the conventions for generative AI, MCP and HTTP. */
const KINDS: Partial<Record<AuditRecord['event_type'], (record: AuditRecord) => Kind>> = {
  // The name of the agent is committed, and in no span.
  shield_end: () => ({
    name: 'invoke_agent',
    kind: INTERNAL,
    attributes: [attribute(OPERATION, 'invoke_agent')],
  }),
  // Which operation it was, such as chat, is not recorded; the conventions allow a word of one's own.
  llm_call: ({ model, streamed }) => ({
    name: model === undefined ? 'llm_call' : `llm_call ${model}`,
    kind: CLIENT,
    attributes: [
      attribute(OPERATION, 'llm_call'),
      ...(streamed ? [attribute('gen_ai.request.stream', true)] : []),
    ],
  }),
  tool_call: ({ tool_name }) => ({
    name: `execute_tool ${tool_name}`,
    kind: INTERNAL,
    attributes: [attribute(OPERATION, 'execute_tool')],
  }),
  mcp_tool_call: ({ tool_name }) => ({
    name: `tools/call ${tool_name}`,
    kind: CLIENT,
    attributes: [attribute('mcp.method.name', 'tools/call'), attribute(OPERATION, 'execute_tool')],
  }),
  http_request: ({ http_method }) => ({
    name: http_method === undefined || http_method === 'OTHER' ? 'HTTP' : http_method,
    kind: CLIENT,
    attributes: [],
  }),
};

/** A record of a call as a span; nothing for a record of no trace, or of what is no call. */
export function span(line: SoundLine): object | undefined {
  const { record, canonical } = line.parsed;
  const { trace_id } = record;
  const kind = KINDS[record.event_type]?.(record);
  const times = timesOf(record);
  if (kind === undefined || trace_id === undefined || times === undefined) return undefined;
  const error = errorOf(record);
  return {
    traceId: trace_id,
    ...placeOf(record, recordHash(canonical)),
    name: kind.name,
    kind: kind.kind,
    ...times,
    attributes: [
      ...kind.attributes,
      ...attributesOf(line),
      ...(error === undefined || record.error_code !== undefined
        ? []
        : [attribute('error.type', error)]),
    ],
    status: { code: error === undefined ? UNSET : ERROR },
  };
}

/**
 * A shield's record has the id of its own span; every other record has that of the shield it happened in, and gets an id of
 * its own from its RecordHash: the same in every export.
 */
function placeOf(record: AuditRecord, hash: string): object {
  const { event_type, span_id, parent_span_id } = record;
  const isShield = event_type === 'shield_end' && span_id !== undefined;
  const parent = isShield ? parent_span_id : span_id;
  return {
    spanId: isShield ? span_id : hash.slice(0, 16),
    ...(parent === undefined ? {} : { parentSpanId: parent }),
  };
}

/** A shield's record is of its end, any other of its start. What was stopped, or was still open, has no duration. */
function timesOf(record: AuditRecord): object | undefined {
  const at = microsOf(record.occurred_at);
  const duration = BigInt(record.duration_us ?? 0);
  const [start, end] =
    record.event_type === 'shield_end' ? [at - duration, at] : [at, at + duration];
  const times = { startTimeUnixNano: nanosOf(start), endTimeUnixNano: nanosOf(end) };
  return Object.values(times).includes('0') ? undefined : times;
}

/** Why it failed, in a word; undefined if it did not, as far as is known. */
function errorOf({ action_taken, error_code, outcome }: AuditRecord): string | undefined {
  if (error_code !== undefined) return error_code;
  if (action_taken.startsWith('BLOCKED_')) return action_taken;
  return ['error', 'aborted', 'timeout'].includes(outcome ?? '') ? outcome : undefined;
}
