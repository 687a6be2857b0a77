import type { AuditRecord } from '@vantio/schema';
import type { PolicyDocument } from '@vantio/schema/policy/policy-document';
import { createJudge, isCall, type Judgement, type Unmeasured } from './judge-record.ts';

export type RuleCount = {
  readonly rule_id: string;
  readonly does: 'block' | 'cap' | 'flag' | 'redact';
  /** Calls of models, tools and HTTP. */
  calls: number;
  /** Connections and packets, seen beside or without their calls. */
  connections: number;
  /** Of them those that were refused at the time, too. */
  refused_before: number;
  /** Of caps: what the calls had cost. */
  microusd: number;
  /** Of redaction: values, by entity. */
  readonly entities: Record<string, number>;
  /** What was reached, most often first. */
  targets: readonly { readonly target: string; readonly events: number }[];
};

export type Change = {
  readonly target: string;
  /** Rule of the policy that is compared with, if it refuses; and of the other. */
  readonly before?: string;
  readonly after?: string;
  events: number;
};

export type SimulationReport = {
  readonly records: number;
  readonly rules: readonly RuleCount[];
  readonly unmeasured: Readonly<Partial<Record<Unmeasured, number>>>;
  /** Present when compared with another policy. */
  readonly changes?: readonly Change[];
  /** Events whose target or change was one too many to be told apart. */
  readonly lumped: number;
};

/** Targets and changes that are told apart; what a program makes up must not fill the memory. */
const MAX_TOLD_APART = 10_000;
const SHOWN_TARGETS = 5;

/** Replays records over a policy, and over another to compare with. Hand it records in ledger order. */
export function createSimulation(policy: PolicyDocument, against?: PolicyDocument) {
  const judge = createJudge(policy);
  const judgeOther = against === undefined ? undefined : createJudge(against);
  const rules = new Map<string, RuleCount & { readonly seen: Map<string, number> }>();
  const unmeasured: Partial<Record<Unmeasured, number>> = {};
  const changes = new Map<string, Change>();
  let records = 0;
  let toldApart = 0;
  let lumped = 0;

  const count = (record: AuditRecord, { outcomes }: Judgement, events: number): void => {
    for (const outcome of outcomes) {
      const does = outcome.kind === 'cap' ? (outcome.isHard ? 'cap' : 'flag') : outcome.kind;
      const key = `${does} ${outcome.ruleId}`;
      const rule = rules.get(key) ?? { ...emptyRule(outcome.ruleId, does), seen: new Map() };
      rules.set(key, rule);
      rule[isCall(record) ? 'calls' : 'connections'] += events;
      if (record.action_taken.startsWith('BLOCKED_')) rule.refused_before += events;
      if (outcome.kind === 'cap') rule.microusd += outcome.cost;
      if (outcome.kind === 'redact')
        for (const [entity, values] of Object.entries(outcome.entities))
          rule.entities[entity] = (rule.entities[entity] ?? 0) + values;
      const target = targetOf(record);
      if (rule.seen.has(target) || toldApart < MAX_TOLD_APART) {
        if (!rule.seen.has(target)) toldApart++;
        rule.seen.set(target, (rule.seen.get(target) ?? 0) + events);
      } else lumped += events;
    }
  };

  const compare = (record: AuditRecord, before: Judgement, after: Judgement, events: number) => {
    const [old, now] = [refusingRule(before), refusingRule(after)];
    if (old === now) return;
    const target = targetOf(record);
    const key = JSON.stringify([target, old, now]);
    const change = changes.get(key);
    if (change !== undefined) change.events += events;
    else if (changes.size < MAX_TOLD_APART)
      changes.set(key, {
        target,
        events,
        ...(old === undefined ? {} : { before: old }),
        ...(now === undefined ? {} : { after: now }),
      });
    else lumped += events;
  };

  return {
    isEmpty: (): boolean => records === 0,
    add: (record: AuditRecord): void => {
      records++;
      const events = record.count ?? 1;
      const judgement = judge(record);
      count(record, judgement, events);
      for (const what of new Set(judgement.unmeasured))
        unmeasured[what] = (unmeasured[what] ?? 0) + events;
      if (judgeOther !== undefined) compare(record, judgeOther(record), judgement, events);
    },
    report: (): SimulationReport => ({
      records,
      rules: [...rules.values()]
        .map(({ seen, ...rule }) => ({ ...rule, targets: topOf(seen) }))
        .sort((a, b) => b.calls + b.connections - a.calls - a.connections),
      unmeasured,
      ...(judgeOther === undefined
        ? {}
        : { changes: [...changes.values()].sort((a, b) => b.events - a.events) }),
      lumped,
    }),
  };
}

/** Redaction and soft caps let a call go: they change nothing about whether it is refused. */
const refusingRule = ({ outcomes }: Judgement): string | undefined =>
  outcomes.find(({ kind, ...rest }) => kind === 'block' || ('isHard' in rest && rest.isHard))
    ?.ruleId;

const emptyRule = (ruleId: string, does: RuleCount['does']): RuleCount => ({
  rule_id: ruleId,
  does,
  calls: 0,
  connections: 0,
  refused_before: 0,
  microusd: 0,
  entities: {},
  targets: [],
});

function targetOf(record: AuditRecord): string {
  const { tool_name: tool, mcp_server: server } = record;
  if (tool !== undefined) return server === undefined ? tool : `${tool} of ${server}`;
  const host = record.target_host ?? record.target_ip ?? '?';
  const port = record.target_port === undefined ? '' : `:${record.target_port}`;
  return record.model === undefined ? host + port : `${record.model} at ${host}${port}`;
}

const topOf = (seen: ReadonlyMap<string, number>): RuleCount['targets'] =>
  [...seen]
    .sort(([, a], [, b]) => b - a)
    .slice(0, SHOWN_TARGETS)
    .map(([target, events]) => ({ target, events }));
