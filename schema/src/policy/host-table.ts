import { createAddressRanges } from './address-ranges.ts';
import { governing, type HeldRule, type Holding, heldRule, isHeld } from './held-rule.ts';
import type { HostForm } from './host-form.ts';
import { type HostPattern, readHostPattern } from './host-pattern.ts';
import type { IpAddress } from './ip-address.ts';
import type { HostRule } from './policy-document.ts';

/** A list of host rules to look a host up in. The time does not grow with exact and suffix rules. */
export type HostTable<Rule extends HeldRule = HeldRule> = {
  /** Whether any rule of the list holds for the agent. */
  readonly governs: (agent: string | undefined) => boolean;
  readonly hasRanges: boolean;
  /** By what was asked for: the name, or the address that stood in its place. The most specific rule of those that fit. */
  find(form: HostForm, fits: (rule: Rule) => boolean): Rule | undefined;
  /** By an address that a name resolved to: ranges and addresses alone. */
  findAddress(address: IpAddress, fits: (rule: Rule) => boolean): Rule | undefined;
  findUnix(path: string, fits: (rule: Rule) => boolean): Rule | undefined;
};

export type PatternRule<Rule> = { readonly pattern: HostPattern; readonly rule: Rule };

export function createHostTable<Rule extends HeldRule>(
  rules: readonly PatternRule<Rule>[],
): HostTable<Rule> {
  const any: Rule[] = [];
  const exact = new Map<string, Rule[]>();
  const suffixes = new Map<string, Rule[]>();
  const ranges = createAddressRanges<Rule>();
  const unix: { readonly path: string; readonly isPrefix: boolean; readonly rule: Rule }[] = [];
  for (const { pattern, rule } of rules)
    if (pattern.kind === 'any') any.push(rule);
    else if (pattern.kind === 'exact') push(exact, pattern.name, rule);
    else if (pattern.kind === 'suffix') push(suffixes, pattern.name, rule);
    else if (pattern.kind === 'range') ranges.add(pattern.address, pattern.prefix, rule);
    else unix.push({ path: pattern.path, isPrefix: pattern.isPrefix, rule });

  const underSuffix = (name: string, fits: (rule: Rule) => boolean): Rule | undefined => {
    if (suffixes.size === 0) return undefined;
    for (let dot = name.indexOf('.'); dot !== -1; dot = name.indexOf('.', dot + 1)) {
      const found = suffixes.get(name.slice(dot + 1))?.find(fits);
      if (found !== undefined) return found;
    }
    return undefined;
  };

  return {
    governs: governing(rules),
    hasRanges: ranges.size > 0,
    find: (form, fits) => {
      const found =
        form.kind === 'name'
          ? (exact.get(form.name)?.find(fits) ?? underSuffix(form.name, fits))
          : ranges.find(form.address, fits);
      return found ?? any.find(fits);
    },
    findAddress: (address, fits) => ranges.find(address, fits),
    findUnix: (path, fits) =>
      unix.find(
        ({ path: own, isPrefix, rule }) =>
          (isPrefix ? path.startsWith(own) : path === own) && fits(rule),
      )?.rule,
  };
}

/**
 * The rules of `blocked_hosts` or `allowed_hosts` that are held.
 * @param list its name, for the places of rules without an id.
 */
export function heldHosts(
  rules: readonly HostRule[],
  list: string,
  holding: Holding,
): PatternRule<HeldRule>[] {
  return rules.flatMap((written, at) => {
    const [text, fields] =
      typeof written === 'string' ? [written, undefined] : [written.host, written];
    if (!isHeld(holding, fields?.on_unavailable)) return [];
    const pattern = checkedPattern(text);
    const port = pattern.kind === 'unix' ? undefined : pattern.port;
    return [{ pattern, rule: heldRule(written, `${list}.${at}`, port) }];
  });
}

/** @throws {TypeError} for a document that did not come from `parsePolicy`. */
export function checkedPattern(text: string): HostPattern {
  const pattern = readHostPattern(text);
  if (pattern === undefined) throw new TypeError('the policy was not checked');
  return pattern;
}

function push<Rule>(table: Map<string, Rule[]>, key: string, rule: Rule): void {
  const rules = table.get(key);
  if (rules === undefined) table.set(key, [rule]);
  else rules.push(rule);
}
