import type { AuditRecord } from '@vantio/schema';
import { compileKernel } from '@vantio/schema/policy/compile-kernel';
import { type CompiledPolicy, compilePolicy } from '@vantio/schema/policy/compile-policy';
import type { Protocol } from '@vantio/schema/policy/decide-egress';
import type { PolicyDocument } from '@vantio/schema/policy/policy-document';
import { costOf, createCapWindows } from './cap-windows.ts';

/** What the policy would have done about an event. */
export type Outcome =
  | { readonly kind: 'block'; readonly ruleId: string; readonly action: string }
  | {
      readonly kind: 'cap';
      readonly ruleId: string;
      readonly isHard: boolean;
      readonly cost: number;
    }
  | { readonly kind: 'redact'; readonly ruleId: string; readonly entities: Entities };
type Entities = Readonly<Record<string, number>>;

/** What the policy is about and a record of metadata does not tell. */
export type Unmeasured =
  | 'host'
  | 'address'
  | 'model'
  | 'tool'
  | 'redaction'
  | 'cost'
  | 'agent'
  | 'program'
  | 'file';

export type Judgement = {
  readonly outcomes: readonly Outcome[];
  readonly unmeasured: readonly Unmeasured[];
};

const CALLS: ReadonlySet<string> = new Set(['http_request', 'llm_call']);
const CONNECTIONS: ReadonlySet<string> = new Set([
  'net_connect',
  'tls_connect',
  'udp_send',
  'egress_verdict',
]);
const TOOLS: ReadonlySet<string> = new Set(['tool_call', 'mcp_tool_call']);

export const isCall = ({ event_type }: AuditRecord): boolean =>
  CALLS.has(event_type) || TOOLS.has(event_type);

/** Judges records in the order in which they happened: caps remember. */
export function createJudge(policy: PolicyDocument): (record: AuditRecord) => Judgement {
  // What would be enforced is asked, whatever the mode of the document.
  const enforced = { ...policy, mode: 'enforce' } as const;
  const compiled = compilePolicy(enforced);
  const kernel = compileKernel(enforced);
  const caps = (compiled.spend?.caps ?? []).map((cap) => ({ cap, windows: createCapWindows(cap) }));
  const hasModels = policy.models.blocked.length + policy.models.allowed.length > 0;
  const hasTools = policy.tools.blocked.length + policy.tools.allowed.length > 0;
  const hasAgents = [
    ...policy.blocked_hosts,
    ...policy.allowed_hosts,
    ...Object.values(policy.models).flat(),
    ...Object.values(policy.tools).flat(),
  ].some((rule) => typeof rule !== 'string' && rule.agents !== undefined);
  const hasExec = lists(policy.kernel?.exec);
  const hasFiles = lists(policy.kernel?.files);

  return (record) => {
    const outcomes: Outcome[] = [];
    const unmeasured: Unmeasured[] = [];
    const take = (decision: Refusable): void => {
      if (decision.verdict !== 'allow')
        outcomes.push({ kind: 'block', ruleId: decision.ruleId, action: decision.action });
      else if (decision.needsAddresses === true) unmeasured.push('address');
    };
    const { event_type: type } = record;
    if (hasAgents && isCall(record)) unmeasured.push('agent');
    if (CALLS.has(type) || CONNECTIONS.has(type)) {
      const decision = decideTarget(record, compiled, kernel);
      if (decision === undefined) unmeasured.push('host');
      else take(decision);
    }
    if (TOOLS.has(type) && record.tool_name !== undefined && hasTools) {
      if (isCut(record.tool_name, record) || isCut(record.mcp_server, record))
        unmeasured.push('tool');
      else take(compiled.decideTool({ tool: record.tool_name, server: record.mcp_server }));
    }
    if (type === 'process_exec' && hasExec) unmeasured.push('program');
    if (type === 'file_open' && hasFiles) unmeasured.push('file');
    if (type === 'llm_call') {
      const { model, provider } = record;
      if (model !== undefined) take(compiled.decideModel({ model, provider }));
      else if (hasModels) unmeasured.push('model');
      // A call that is refused costs nothing.
      if (outcomes.length === 0) spend(record);
    }
    if (CALLS.has(type) && compiled.redaction !== undefined && outcomes.length === 0)
      redact(record, compiled.redaction);
    return { outcomes, unmeasured };

    function spend(call: AuditRecord): void {
      for (const { cap, windows } of caps) {
        if (cap.scope === 'agent') unmeasured.push('agent');
        else if (call.model === undefined) unmeasured.push('model');
        else if (cap.counts({ model: call.model })) {
          const cost = costOf(call, compiled.spend?.prices ?? new Map());
          if (cost === undefined) unmeasured.push('cost');
          else if (windows.exceeds(call, cost))
            outcomes.push({ kind: 'cap', ruleId: cap.ruleId, isHard: cap.kind === 'hard', cost });
        }
      }
    }

    function redact(call: AuditRecord, redaction: NonNullable<CompiledPolicy['redaction']>): void {
      if (call.redactions === undefined) {
        if (call.http_method !== 'GET' && call.http_method !== 'HEAD') unmeasured.push('redaction');
        return;
      }
      const entities = Object.fromEntries(
        Object.entries(call.redactions).filter(([entity]) =>
          entity === 'custom'
            ? redaction.custom.length > 0
            : redaction.entities.has(entity as never),
        ),
      ) as Entities;
      if (Object.keys(entities).length > 0)
        outcomes.push({ kind: 'redact', ruleId: redaction.ruleId, entities });
    }
  };
}

const LONGEST_WORD = 128;

const isCut = (name: string | undefined, { truncated }: AuditRecord): boolean =>
  truncated === true && name?.length === LONGEST_WORD;

type Refusable =
  | { readonly verdict: 'allow'; readonly needsAddresses?: true }
  | { readonly verdict: 'block' | 'would_block'; readonly ruleId: string; readonly action: string };

/** What the kernel saw is decided as the kernel would; what an SDK saw, as the SDK would. */
function decideTarget(
  record: AuditRecord,
  compiled: CompiledPolicy,
  kernel: ReturnType<typeof compileKernel>,
): Refusable | undefined {
  const { target_host: host, target_port: port, target_ip: ip, protocol = 'tcp' } = record;
  if (record.source === 'kernel_agent')
    return ip === undefined
      ? undefined
      : kernel.decideEgress({
          address: ip,
          protocol: PROTOCOLS[protocol] ?? 'other',
          port,
          names: host === undefined ? undefined : [host],
        });
  if (protocol === 'unix' || host === undefined) return undefined;
  return compiled.decideHost({ host, port, addresses: ip === undefined ? undefined : [ip] });
}

const PROTOCOLS: Readonly<Record<string, Protocol>> = {
  tcp: 'tcp',
  udp: 'udp',
  quic: 'udp',
  icmp: 'icmp',
  icmpv6: 'icmpv6',
  sctp: 'sctp',
};

const lists = (
  section:
    | { readonly blocked: readonly unknown[]; readonly allowed: readonly unknown[] }
    | undefined,
): boolean => section !== undefined && section.blocked.length + section.allowed.length > 0;
