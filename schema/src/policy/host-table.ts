import { createAddressRanges } from './address-ranges.ts';
import { governing, type HeldRule, type Holding, heldRule, isFor, isHeld } from './held-rule.ts';
import type { HostForm } from './host-form.ts';
import { readHostPattern } from './host-pattern.ts';
import type { IpAddress } from './ip-address.ts';
import type { HostRule } from './policy-document.ts';

export type Asker = { readonly port?: number | undefined; readonly agent?: string | undefined };

/** A list of host rules to look a host up in. The time does not grow with exact and suffix rules. */
export type HostTable = {
  /** Whether any rule of the list holds for the agent. */
  readonly governs: (agent: string | undefined) => boolean;
  readonly hasRanges: boolean;
  /** By what was asked for: the name, or the address that stood in its place. */
  find(form: HostForm, asker: Asker): HeldRule | undefined;
  /** By an address that a name resolved to: ranges and addresses alone. */
  findAddress(address: IpAddress, asker: Asker): HeldRule | undefined;
  findUnix(path: string, agent: string | undefined): HeldRule | undefined;
};

type UnixRule = { readonly path: string; readonly isPrefix: boolean; readonly rule: HeldRule };

/** @param list its name, for the places of rules without an id. */
export function createHostTable(
  rules: readonly HostRule[],
  list: string,
  holding: Holding,
): HostTable {
  const any: HeldRule[] = [];
  const exact = new Map<string, HeldRule[]>();
  const suffixes = new Map<string, HeldRule[]>();
  const ranges = createAddressRanges();
  const unix: UnixRule[] = [];
  const all: HeldRule[] = [];

  rules.forEach((written, at) => {
    const [text, fields] =
      typeof written === 'string' ? [written, undefined] : [written.host, written];
    if (!isHeld(holding, fields?.on_unavailable)) return;
    const pattern = readHostPattern(text);
    if (pattern === undefined) throw new TypeError(`${list}[${at}] was not checked`);
    const port = pattern.kind === 'unix' ? undefined : pattern.port;
    const rule = heldRule(written, `${list}.${at}`, port);
    all.push(rule);
    if (pattern.kind === 'any') any.push(rule);
    else if (pattern.kind === 'exact') push(exact, pattern.name, rule);
    else if (pattern.kind === 'suffix') push(suffixes, pattern.name, rule);
    else if (pattern.kind === 'range') ranges.add(pattern.address, pattern.prefix, rule);
    else unix.push({ path: pattern.path, isPrefix: pattern.isPrefix, rule });
  });

  const underSuffix = (name: string, fits: (rule: HeldRule) => boolean): HeldRule | undefined => {
    if (suffixes.size === 0) return undefined;
    for (let dot = name.indexOf('.'); dot !== -1; dot = name.indexOf('.', dot + 1)) {
      const found = suffixes.get(name.slice(dot + 1))?.find(fits);
      if (found !== undefined) return found;
    }
    return undefined;
  };

  return {
    governs: governing(all),
    hasRanges: ranges.size > 0,
    find: (form, { port, agent }) => {
      const fits = (rule: HeldRule): boolean =>
        (rule.port === undefined || rule.port === port) && isFor(rule, agent);
      const found =
        form.kind === 'name'
          ? (exact.get(form.name)?.find(fits) ?? underSuffix(form.name, fits))
          : ranges.find(form.address, fits);
      return found ?? any.find(fits);
    },
    findAddress: (address, { port, agent }) =>
      ranges.find(
        address,
        (rule) => (rule.port === undefined || rule.port === port) && isFor(rule, agent),
      ),
    findUnix: (path, agent) =>
      unix.find(
        ({ path: own, isPrefix, rule }) =>
          (isPrefix ? path.startsWith(own) : path === own) && isFor(rule, agent),
      )?.rule,
  };
}

function push(table: Map<string, HeldRule[]>, key: string, rule: HeldRule): void {
  const rules = table.get(key);
  if (rules === undefined) table.set(key, [rule]);
  else rules.push(rule);
}
