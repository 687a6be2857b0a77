import type { Entry, Observation } from '../../record/observation.ts';
import type { Attributes } from './otel-api.ts';

/** Calls that become spans of their own, beside those that OpenTelemetry's own instrumentations make of requests. */
const EXPORTED = new Set<string>(['llm_call', 'tool_call', 'mcp_tool_call']);

export type Call = {
  readonly name: string;
  readonly isRemote: boolean;
  readonly attributes: Attributes;
  readonly failed: boolean;
  readonly durationMs: number;
};

/** What is exported of an entry: names, counts and codes, as in its record. Undefined: nothing. */
export function callOf(entry: Entry): Call | undefined {
  if (!EXPORTED.has(entry.type)) return undefined;
  const { detail, action, asked } = entry as Observation;
  const fields = (typeof detail === 'function' ? detail() : detail) as Fields;
  const isModel = entry.type === 'llm_call';
  const operation = isModel ? (asked?.operation ?? 'chat') : 'execute_tool';
  const subject = isModel ? (asked?.model ?? fields.model) : fields.tool_name;
  const refused = action?.startsWith('BLOCKED_') ? action : undefined;
  const failed =
    refused ?? (isFailure(fields.outcome) ? (fields.error_code ?? '_OTHER') : undefined);
  const attributes = defined({
    'gen_ai.operation.name': operation,
    'gen_ai.provider.name': PROVIDERS[String(fields.provider)] ?? fields.provider,
    'gen_ai.request.model': isModel ? subject : undefined,
    'gen_ai.response.model': isModel && fields.status_class === 2 ? fields.model : undefined,
    'gen_ai.tool.name': fields.tool_name,
    'gen_ai.usage.input_tokens': fields.input_tokens,
    'gen_ai.usage.cache_read.input_tokens': fields.cached_input_tokens,
    'gen_ai.usage.cache_creation.input_tokens': fields.cache_write_tokens,
    'gen_ai.usage.output_tokens': fields.output_tokens,
    'server.address': fields.target_host,
    'server.port': fields.target_port,
    'error.type': failed,
    'vantio.action': action ?? 'OBSERVED',
    'vantio.rule_id': fields.rule_id,
  });
  return {
    name: subject === undefined ? operation : `${operation} ${subject}`,
    isRemote: isModel,
    attributes,
    failed: failed !== undefined,
    durationMs: Number(fields.duration_us ?? 0) / 1000,
  };
}

type Fields = Readonly<Record<string, string | number | undefined>>;

const isFailure = (outcome: unknown): boolean => outcome !== undefined && outcome !== 'ok';

const PROVIDERS: Readonly<Record<string, string>> = {
  bedrock: 'aws.bedrock',
  gemini: 'gcp.gemini',
};

const defined = (fields: Fields): Attributes =>
  Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined),
  ) as Attributes;
