import type { AuditRecord } from '@vantio/schema';
import { formatBytes, formatDuration, plural } from '../terminal/quantities.ts';
import type { Screen } from '../terminal/screen.ts';
import type { NameOf } from './find-names.ts';

const TITLES: Readonly<Partial<Record<AuditRecord['event_type'], string>>> = {
  http_request: 'http',
  net_connect: 'connect',
  tls_connect: 'tls',
  tls_write: 'tls write',
  udp_send: 'udp',
  dns_query: 'dns',
  process_exec: 'exec',
  process_fork: 'fork',
  process_exit: 'exit',
  file_open: 'open',
  llm_call: 'llm',
  tool_call: 'tool',
  mcp_tool_call: 'mcp',
};

const SAID_BY_TITLE: ReadonlySet<string> = new Set([
  'OBSERVED',
  'RECORDED',
  'REFUSED_QUOTA',
  'REFUSED_RATE',
]);

/** One record in one line: what, where to, what was done about it, how much, how long, how it ended. */
export function describeRecord(record: AuditRecord, nameOf: NameOf, screen: Screen): string {
  return [
    titleOf(record),
    subject(record, nameOf, screen),
    verdict(record, screen),
    quantities(record, screen),
    outcome(record, screen),
  ]
    .filter((part) => part !== '')
    .join('  ');
}

/** A method says that it is a request. */
const titleOf = ({ event_type, http_method }: AuditRecord): string =>
  event_type === 'http_request' && http_method !== undefined
    ? ''
    : (TITLES[event_type] ?? event_type.replaceAll('_', ' '));

export function describeShield(
  records: readonly AuditRecord[],
  nameOf: NameOf,
  screen: Screen,
): string {
  const end = records.find(({ event_type }) => event_type === 'shield_end');
  const [first] = records;
  const named = [end, first].map((record) => record && nameOf(record, 'agent_name'));
  const name =
    named.find((one) => one !== undefined && !one.startsWith('#')) ?? named[0] ?? named[1];
  return [
    'shield',
    name === undefined ? '' : screen.paint('bold', screen.safe(name)),
    ...(end === undefined
      ? [screen.paint('yellow', 'open')]
      : [quantities(end, screen), outcome(end, screen)]),
  ]
    .filter((part) => part !== '')
    .join('  ');
}

function subject(record: AuditRecord, nameOf: NameOf, { safe }: Screen): string {
  const committed = (['exec_path', 'file_path', 'agent_name'] as const)
    .map((field) => nameOf(record, field))
    .find((name) => name !== undefined);
  return [
    record.http_method,
    record.provider,
    record.model,
    record.mcp_server,
    record.tool_name,
    record.anomaly_code,
    record.capability,
    committed,
    target(record),
    record.child_pid === undefined ? undefined : `pid ${record.child_pid}`,
    record.argc === undefined ? undefined : plural(record.argc, 'argument'),
    about(record),
  ]
    .filter((part) => part !== undefined)
    .map(safe)
    .join(' ');
}

function target({ target_host, target_ip, target_port }: AuditRecord): string | undefined {
  const host = target_host ?? target_ip;
  if (host === undefined) return undefined;
  const bracketed = host.includes(':') ? `[${host}]` : host;
  return target_port === undefined ? bracketed : `${bracketed}:${target_port}`;
}

/** Whom a record of the control plane is about. */
function about({
  subject_key_id,
  subject_tenant_id,
  subject_event_id,
  subject_field,
}: AuditRecord): string | undefined {
  const parts = [
    subject_field,
    subject_event_id === undefined ? undefined : `event ${subject_event_id}`,
    subject_key_id === undefined ? undefined : `key ${subject_key_id}`,
    subject_tenant_id === undefined ? undefined : `of ${subject_tenant_id}`,
  ].filter((part) => part !== undefined);
  return parts.length === 0 ? undefined : parts.join(' ');
}

function verdict(
  { action_taken, severity, rule_id }: AuditRecord,
  { paint, safe }: Screen,
): string {
  if (SAID_BY_TITLE.has(action_taken)) return '';
  const colour = action_taken.startsWith('BLOCKED') ? 'red' : 'yellow';
  const rest = [severity, rule_id].filter((part) => part !== undefined).map(safe);
  return [paint(colour, action_taken), ...rest].join(' ');
}

function quantities(record: AuditRecord, { ascii }: Screen): string {
  const { bytes_sent, bytes_received, bytes_severed, duration_us, count } = record;
  const tokens = [record.input_tokens, record.output_tokens];
  return [
    count === undefined ? undefined : `x${count}`,
    lost(record),
    bytes_sent === undefined ? undefined : `${ascii ? 'out' : '↑'} ${formatBytes(bytes_sent)}`,
    bytes_received === undefined
      ? undefined
      : `${ascii ? 'in' : '↓'} ${formatBytes(bytes_received)}`,
    bytes_severed === undefined ? undefined : `${formatBytes(bytes_severed)} stopped`,
    tokens.some((some) => some !== undefined)
      ? `${tokens.map((some) => some ?? '?').join('+')} tokens`
      : undefined,
    duration_us === undefined ? undefined : formatDuration(duration_us),
  ]
    .filter((part) => part !== undefined)
    .join('  ');
}

function lost({ lost_events, loss_reason }: AuditRecord): string | undefined {
  if (lost_events === undefined) return undefined;
  return loss_reason === undefined
    ? plural(lost_events, 'event')
    : `${lost_events} lost (${loss_reason})`;
}

function outcome(record: AuditRecord, { paint }: Screen): string {
  const { status_class, outcome: ending, error_code, exit_code, signal } = record;
  const bad =
    (status_class ?? 0) > 3 ||
    (ending !== undefined && ending !== 'ok' && ending !== 'open') ||
    (exit_code ?? 0) > 0;
  const text = [
    status_class === undefined ? undefined : `${status_class}xx`,
    ending === 'ok' && status_class !== undefined ? undefined : ending,
    error_code,
    exit_code === undefined ? undefined : `exit ${exit_code}`,
    signal,
  ]
    .filter((part) => part !== undefined)
    .join(' ');
  return text === '' ? '' : paint(bad ? 'red' : 'green', text);
}
