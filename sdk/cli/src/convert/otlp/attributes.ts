import type { AuditRecord } from '@vantio/schema';
import { recordHash } from '@vantio/schema/hash';
import type { SoundLine } from '../../import/read-sound-lines.ts';
import { type Attribute, attribute } from './otlp-value.ts';

/**
 * Of OpenTelemetry's semantic conventions: the last minor release that has those for generative AI, which are all in
 * development there.
 */
export const SCHEMA_URL = 'https://opentelemetry.io/schemas/1.41.0';

/** Fields that mean what an attribute of the conventions means. Every other one is `vantio.` and its own name. */
const CONVENTIONS: Partial<Record<keyof AuditRecord, string>> = {
  target_host: 'server.address',
  target_port: 'server.port',
  target_ip: 'network.peer.address',
  local_port: 'network.local.port',
  http_version: 'network.protocol.version',
  pid: 'process.pid',
  ppid: 'process.parent_pid',
  thread_id: 'thread.id',
  exit_code: 'process.exit.code',
  container_id: 'container.id',
  pod_uid: 'k8s.pod.uid',
  k8s_namespace: 'k8s.namespace.name',
  error_code: 'error.type',
  provider: 'gen_ai.provider.name',
  model: 'gen_ai.response.model',
  input_tokens: 'gen_ai.usage.input_tokens',
  cached_input_tokens: 'gen_ai.usage.cache_read.input_tokens',
  cache_write_tokens: 'gen_ai.usage.cache_creation.input_tokens',
  output_tokens: 'gen_ai.usage.output_tokens',
  reasoning_tokens: 'gen_ai.usage.reasoning.output_tokens',
  tool_name: 'gen_ai.tool.name',
};

const METHOD = 'http.request.method';

/** Everything that the line says but its disclosures. */
export function attributesOf({ parsed }: SoundLine): readonly Attribute[] {
  const { record, canonical, mac, receivedAt, receivedMac } = parsed;
  return [
    attribute('vantio.record_hash', recordHash(canonical)),
    attribute('vantio.record_mac', mac),
    attribute('vantio.received_at', receivedAt),
    attribute('vantio.received_mac', receivedMac),
    ...Object.entries(record).map(([name, value]) =>
      name === 'http_method'
        ? attribute(METHOD, value === 'OTHER' ? '_OTHER' : value)
        : attribute(CONVENTIONS[name as keyof AuditRecord] ?? `vantio.${name}`, value),
    ),
  ];
}

/** What sent a record: its emitter's session. */
export const resourceOf = ({ source, tenant_id, session_id }: AuditRecord) => ({
  attributes: [
    attribute('service.name', `vantio.${source}`),
    attribute('service.namespace', tenant_id),
    attribute('service.instance.id', session_id),
  ],
});
