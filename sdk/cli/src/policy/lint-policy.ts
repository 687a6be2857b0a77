import { type HostPattern, readHostPattern } from '@vantio/schema/policy/host-pattern';
import { checkPolicy } from '@vantio/schema/policy/parse-policy';
import type { HostRule, PolicyDocument } from '@vantio/schema/policy/policy-document';
import { PolicyError } from '@vantio/schema/policy/policy-error';
import { checkCustomPatterns } from '@vantio/schema/redact/check-custom-patterns';
import { jsonPlaces } from './json-places.ts';
import { writtenPolicy } from './read-policy-file.ts';
import { syntaxErrorLine } from './syntax-error-line.ts';

export type LintFinding = {
  readonly severity: 'error' | 'warning';
  /** From 1. */
  readonly line: number;
  readonly path: string;
  readonly says: string;
};

/** What is wrong with a policy, and what in it has no effect or not the one it seems to have. */
export function lintPolicy(text: string, now: number): readonly LintFinding[] {
  let written: unknown;
  try {
    written = writtenPolicy(text);
  } catch {
    return [{ severity: 'error', line: syntaxErrorLine(text), path: '', says: 'is not JSON' }];
  }
  const { lineOf, twice } = jsonPlaces(text);
  const root = lineOf.has('policy') && lineOf.has('tenant_id') ? 'policy.' : '';
  const found = (severity: LintFinding['severity'], path: string, says: string): LintFinding => ({
    severity,
    line: lineNear(lineOf, root + path),
    path,
    says,
  });
  const doubles = twice.map((path) =>
    found('error', path, 'stands twice: the first is ignored; take one out'),
  );
  try {
    const policy = checkPolicy(written);
    checkCustomPatterns(policy);
    return [
      ...doubles,
      ...warnings(policy, now).map(([path, says]) => found('warning', path, says)),
    ];
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    const about = error.path === '' ? 'the policy ' : `${error.path}: `;
    const says = error.message.slice(about.length);
    return [...doubles, found('error', error.path, says)];
  }
}

type Warning = readonly [path: string, says: string];

function warnings(policy: PolicyDocument, now: number): readonly Warning[] {
  return [
    ...(policy.expires_at !== undefined && Date.parse(policy.expires_at) <= now
      ? [['expires_at', 'is past: the policy is stale'] as const]
      : []),
    ...hostWarnings('blocked_hosts', policy.blocked_hosts, policy.blocked_hosts),
    ...hostWarnings('allowed_hosts', policy.allowed_hosts, policy.allowed_hosts),
    ...unreachable(policy),
    ...sameIds(policy),
  ];
}

/** Rules that another of the same list makes superfluous. */
function hostWarnings(
  list: string,
  rules: readonly HostRule[],
  others: readonly HostRule[],
): readonly Warning[] {
  const covers = coverOf(others);
  return rules.flatMap((rule, at): Warning[] => {
    const by = covers(rule, at);
    return by === undefined
      ? []
      : [[`${list}[${at}]`, `has no effect: ${list}[${by}] already covers it`]];
  });
}

/** Allowed rules that never allow, for deny beats allow. */
function unreachable({ blocked_hosts, allowed_hosts }: PolicyDocument): readonly Warning[] {
  const covers = coverOf(blocked_hosts);
  return allowed_hosts.flatMap((rule, at): Warning[] => {
    const by = covers(rule, undefined);
    return by === undefined
      ? []
      : [
          [
            `allowed_hosts[${at}]`,
            `never allows: blocked_hosts[${by}] blocks it, and deny beats allow`,
          ],
        ];
  });
}

/** Finds a rule for everyone and every port that names all that another names. Linear in the number of rules. */
function coverOf(
  rules: readonly HostRule[],
): (rule: HostRule, self: number | undefined) => number | undefined {
  const first = new Map<string, number>();
  rules.forEach((rule, at) => {
    const pattern = patternOf(rule);
    const key = keyOf(pattern, rule);
    if (!first.has(key)) first.set(key, at);
  });
  return (rule, self) => {
    const pattern = patternOf(rule);
    const key = keyOf(pattern, rule);
    // Of two equal rules the later one is superfluous; of a wider and a narrower one the narrower, wherever it stands.
    const equal = first.get(key);
    if (equal !== undefined && (self === undefined || equal < self)) return equal;
    return [keyOf(pattern), ...widerKeys(pattern)]
      .filter((wider) => wider !== key)
      .map((wider) => first.get(wider))
      .find((at) => at !== undefined);
  };
}

const patternOf = (rule: HostRule): HostPattern =>
  readHostPattern(typeof rule === 'string' ? rule : rule.host) ?? { kind: 'any' };
const isForAll = (rule: HostRule): boolean => typeof rule === 'string' || rule.agents === undefined;
const hasPort = (pattern: HostPattern): boolean =>
  pattern.kind !== 'unix' && pattern.port !== undefined;

/** @param rule for one that is narrowed by port or agents: it equals only its like. */
function keyOf(pattern: HostPattern, rule?: HostRule): string {
  const narrowed =
    rule === undefined || (isForAll(rule) && !hasPort(pattern))
      ? ''
      : ` ${pattern.kind === 'unix' ? '' : pattern.port} ${typeof rule === 'string' ? '' : JSON.stringify(rule.agents)}`;
  switch (pattern.kind) {
    case 'any':
      return `*${narrowed}`;
    case 'exact':
      return `= ${pattern.name}${narrowed}`;
    case 'suffix':
      return `. ${pattern.name}${narrowed}`;
    case 'range':
      return `/ ${pattern.address.family} ${pattern.address.bits} ${pattern.prefix}${narrowed}`;
    case 'unix':
      return `unix ${pattern.path} ${pattern.isPrefix}${narrowed}`;
  }
}

/** Keys of the rules, for everyone and every port, that name more. */
function widerKeys(pattern: HostPattern): readonly string[] {
  if (pattern.kind === 'any' || pattern.kind === 'unix') return [];
  if (pattern.kind === 'range') {
    const { address, prefix } = pattern;
    const size = address.family === 4 ? 32 : 128;
    const ranges = Array.from({ length: prefix }, (_, shorter) => {
      const rest = BigInt(size - shorter);
      const bits = (BigInt(address.bits) >> rest) << rest;
      return `/ ${address.family} ${bits} ${shorter}`;
    });
    return ['*', ...ranges];
  }
  const labels = pattern.name.split('.');
  return ['*', ...labels.slice(1).map((_, at) => `. ${labels.slice(at + 1).join('.')}`)];
}

/** An id that stands twice tells two rules apart in no record. */
function sameIds(policy: PolicyDocument): readonly Warning[] {
  const seen = new Map<string, string>();
  const lists = {
    blocked_hosts: policy.blocked_hosts,
    allowed_hosts: policy.allowed_hosts,
    'models.blocked': policy.models.blocked,
    'models.allowed': policy.models.allowed,
    'tools.blocked': policy.tools.blocked,
    'tools.allowed': policy.tools.allowed,
    'spend.caps': policy.spend?.caps ?? [],
  };
  return Object.entries(lists).flatMap(([list, rules]) =>
    rules.flatMap((rule, at): Warning[] => {
      if (typeof rule === 'string' || rule.id === undefined) return [];
      const path = `${list}[${at}].id`;
      const before = seen.get(rule.id);
      if (before === undefined) seen.set(rule.id, path);
      return before === undefined
        ? []
        : [[path, `is that of ${before}, too: records tell them apart by nothing`]];
    }),
  );
}

/** The member itself, or the nearest around it. */
function lineNear(lineOf: ReadonlyMap<string, number>, path: string): number {
  for (let at = path; at !== ''; at = at.replace(/(?:\.[^.[\]]*|\[\d+\]|^[^.[\]]*)$/, '')) {
    const line = lineOf.get(at);
    if (line !== undefined) return line;
  }
  return 1;
}
