import type { ENTITIES } from '../fields/verdict.ts';
import { type HostQuery, hostDecider, unixDecider, withReason } from './decide-host.ts';
import {
  ALLOW,
  type HostDecision,
  type ModelDecision,
  type Refuse,
  refuseBy,
  type ToolDecision,
} from './decision.ts';
import { type Holding, heldRule, isFor, isHeld } from './held-rule.ts';
import { hostForm } from './host-form.ts';
import { createHostTable, heldHosts } from './host-table.ts';
import { createNameTable, type NameQuery, type NameTable } from './name-table.ts';
import type { ModelRule, PolicyDocument, RedactSection, ToolRule } from './policy-document.ts';
import { REDACTABLE } from './redact-section.ts';
import { compileSpend, type Spend } from './spend-settings.ts';

export type Entity = (typeof ENTITIES)[number];

export type ModelQuery = {
  readonly model: string;
  readonly provider?: string | undefined;
  readonly agent?: string | undefined;
};
export type ToolQuery = {
  readonly tool: string;
  /** Of MCP: the name that the server gives itself. */
  readonly server?: string | undefined;
  readonly agent?: string | undefined;
};

export type Redaction = {
  readonly ruleId: string;
  readonly isEnforced: boolean;
  readonly entities: ReadonlySet<Entity>;
  readonly action: RedactSection['action'];
  readonly custom: RedactSection['custom'];
  readonly unscanned: RedactSection['unscanned'];
  readonly reason?: string;
  appliesTo(agent: string | undefined): boolean;
  /** Whether JSON bodies to the host are searched in every string. */
  walks(host: string, port?: number): boolean;
};

/** A policy, ready to decide. It keeps no document and does no I/O. */
export type CompiledPolicy = {
  readonly version: number;
  readonly mode: PolicyDocument['mode'];
  /** Compiled for the time in which policy cannot be had: only closed rules are here. */
  readonly isUnavailable: boolean;
  /** A rule is about addresses: a name is decided for good only with what it resolves to. */
  readonly needsAddresses: boolean;
  decideHost(query: HostQuery): HostDecision;
  decideUnixSocket(query: { readonly path: string; readonly agent?: string }): HostDecision;
  decideModel(query: ModelQuery): ModelDecision;
  decideTool(query: ToolQuery): ToolDecision;
  /** Absent: nothing is redacted. */
  readonly redaction?: Redaction;
  /** Absent: nothing is counted. */
  readonly spend?: Spend;
};

export type CompileOptions = {
  /** While policy cannot be had: of the last one known only the rules with `on_unavailable: closed` hold. */
  readonly unavailable?: boolean;
};

export function compilePolicy(
  policy: PolicyDocument,
  { unavailable = false }: CompileOptions = {},
): CompiledPolicy {
  const holding: Holding = { isUnavailable: unavailable, byDefault: policy.on_unavailable };
  const refuse = refuseBy(policy.mode, unavailable);
  const hosts = {
    blocked: createHostTable(heldHosts(policy.blocked_hosts, 'blocked_hosts', holding)),
    allowed: createHostTable(heldHosts(policy.allowed_hosts, 'allowed_hosts', holding)),
  };
  const models = nameLists(policy.models, 'models', holding, ofModel);
  const tools = nameLists(policy.tools, 'tools', holding, ofTool);
  const redaction = compileRedaction(policy, holding);
  const spend = compileSpend(policy, holding);
  const decideModel = nameDecider('MODEL', 'model', models, refuse);
  const decideTool = nameDecider('TOOL', 'tool', tools, refuse);
  return {
    version: policy.version,
    mode: policy.mode,
    isUnavailable: unavailable,
    needsAddresses: hosts.blocked.hasRanges || hosts.allowed.hasRanges,
    decideHost: hostDecider(hosts, refuse),
    decideUnixSocket: unixDecider(hosts, refuse),
    decideModel: ({ model, provider, agent }) =>
      decideModel({ name: model.toLowerCase(), from: provider?.toLowerCase(), agent }),
    decideTool: ({ tool, server, agent }) => decideTool({ name: tool, from: server, agent }),
    ...(redaction === undefined ? {} : { redaction }),
    ...(spend === undefined ? {} : { spend }),
  };
}

const ofModel = (rule: ModelRule) =>
  typeof rule === 'string'
    ? { name: rule.toLowerCase() }
    : { name: rule.model.toLowerCase(), from: rule.provider };
const ofTool = (rule: ToolRule) =>
  typeof rule === 'string' ? { name: rule } : { name: rule.tool, from: rule.server };

type NameLists = {
  readonly blocked: NameTable;
  readonly allowed: NameTable;
  readonly list: string;
};

function nameLists<Rule extends ModelRule | ToolRule>(
  { blocked, allowed }: { readonly blocked: readonly Rule[]; readonly allowed: readonly Rule[] },
  list: string,
  holding: Holding,
  nameRule: (rule: Rule) => { readonly name: string; readonly from?: string | undefined },
): NameLists {
  return {
    list,
    blocked: createNameTable(blocked, `${list}.blocked`, holding, nameRule),
    allowed: createNameTable(allowed, `${list}.allowed`, holding, nameRule),
  };
}

const nameDecider =
  <S extends 'MODEL' | 'TOOL'>(
    subject: S,
    word: string,
    { blocked, allowed, list }: NameLists,
    refuse: Refuse,
  ) =>
  (query: NameQuery): ModelDecision & ToolDecision => {
    const denying = blocked.find(query);
    const refusal =
      denying !== undefined
        ? refuse(subject, denying.ruleId, withReason(`The ${word} is blocked by policy`, denying))
        : allowed.governs(query.agent) && allowed.find(query) === undefined
          ? refuse(subject, `${list}.allowed`, `The ${word} is not among those that policy allows.`)
          : ALLOW;
    return refusal as ModelDecision & ToolDecision;
  };

const ALL: Holding = { isUnavailable: false, byDefault: 'observe' };

function compileRedaction(policy: PolicyDocument, holding: Holding): Redaction | undefined {
  const section = policy.redact_pii;
  if (section === undefined || !isHeld(holding, section.on_unavailable)) return undefined;
  const rule = heldRule(section, 'redact_pii');
  const walked = createHostTable(heldHosts(section.walk_hosts, 'redact_pii.walk_hosts', ALL));
  return {
    ruleId: rule.ruleId,
    isEnforced: policy.mode === 'enforce',
    entities: new Set<Entity>(section.entities ?? REDACTABLE),
    action: section.action,
    custom: section.custom,
    unscanned: section.unscanned,
    ...(rule.reason === undefined ? {} : { reason: rule.reason }),
    appliesTo: (agent) => isFor(rule, agent),
    walks: (host, port) => {
      const form = hostForm(host);
      return (
        form !== undefined &&
        walked.find(form, (rule) => rule.port === undefined || rule.port === port) !== undefined
      );
    },
  };
}
