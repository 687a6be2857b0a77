import { governing, type HeldRule, type Holding, heldRule, isFor, isHeld } from './held-rule.ts';
import { compileGlob } from './name-glob.ts';
import type { RuleFields } from './rule-fields.ts';

/** A rule on a name that may also ask for where the name is from: a provider, an MCP server. */
export type NameRule = { readonly name: string; readonly from?: string | undefined };
export type NameQuery = {
  readonly name: string;
  readonly from?: string | undefined;
  readonly agent?: string | undefined;
};

export type NameTable = {
  readonly governs: (agent: string | undefined) => boolean;
  find(query: NameQuery): HeldRule | undefined;
};

type Entry = { readonly rule: HeldRule; readonly isFrom: (from: string | undefined) => boolean };

/** Rules by name: exact ones in a table, patterns with `*` tried one by one. */
export function createNameTable<Rule extends string | RuleFields>(
  rules: readonly Rule[],
  list: string,
  holding: Holding,
  nameRule: (rule: Rule) => NameRule,
): NameTable {
  const exact = new Map<string, Entry[]>();
  const patterns: (Entry & { readonly isNamed: (name: string) => boolean })[] = [];
  const all: Entry[] = [];
  rules.forEach((written, at) => {
    if (!isHeld(holding, typeof written === 'string' ? undefined : written.on_unavailable)) return;
    const { name, from } = nameRule(written);
    const rule = heldRule(written, `${list}.${at}`);
    const isOf = from === undefined ? undefined : compileGlob(from);
    const entry: Entry = {
      rule,
      isFrom: (other) => isOf === undefined || (other !== undefined && isOf(other)),
    };
    all.push(entry);
    if (name.includes('*')) patterns.push({ ...entry, isNamed: compileGlob(name) });
    else exact.set(name, [...(exact.get(name) ?? []), entry]);
  });
  return {
    governs: governing(all),
    find: ({ name, from, agent }) => {
      const fits = ({ rule, isFrom }: Entry): boolean => isFor(rule, agent) && isFrom(from);
      return (
        exact.get(name)?.find(fits) ?? patterns.find((each) => each.isNamed(name) && fits(each))
      )?.rule;
    },
  };
}
