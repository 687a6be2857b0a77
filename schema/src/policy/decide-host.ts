import { ALLOW, type HostDecision, type Refuse } from './decision.ts';
import { type HeldRule, isFor } from './held-rule.ts';
import { type HostForm, hostForm } from './host-form.ts';
import type { HostTable } from './host-table.ts';
import { type IpAddress, ipText } from './ip-address.ts';

export type HostQuery = {
  /** As the program asked for it: a name or an address in any spelling, with or without brackets. */
  readonly host: string;
  /** What it resolved to, where that is known. */
  readonly addresses?: readonly string[] | undefined;
  readonly port?: number | undefined;
  /** Name of the shield the call is made in. */
  readonly agent?: string | undefined;
};

type Lists = { readonly blocked: HostTable; readonly allowed: HostTable };

const RESOLVE: HostDecision = { verdict: 'allow', needsAddresses: true };

/** Deny beats allow; once the agent has any allowed host, what none of them names is denied. */
export function hostDecider(lists: Lists, refuse: Refuse): (query: HostQuery) => HostDecision {
  const { blocked, allowed } = lists;
  return (query) => {
    const { host, port, agent, addresses } = query;
    const isListed = allowed.governs(agent);
    if (!isListed && !blocked.governs(agent)) return ALLOW;
    const form = hostForm(host);
    if (form === undefined)
      return refuse('HOST', isListed ? 'allowed_hosts' : 'blocked_hosts', UNREADABLE);
    const fits = (rule: HeldRule): boolean =>
      (rule.port === undefined || rule.port === port) && isFor(rule, agent);
    const isName = form.kind === 'name';
    const resolved = isName && addresses !== undefined ? addresses.map(addressOf) : [];
    const denying = blocked.find(form, fits) ?? firstOf(blocked, resolved, fits);
    if (denying !== undefined) return refuse('HOST', denying.ruleId, blockedText(form, denying));
    const isOpen = isName && addresses === undefined;
    if (!isListed || allowed.find(form, fits) !== undefined)
      return isOpen && blocked.hasRanges ? RESOLVE : ALLOW;
    if (isName && allowed.hasRanges) {
      if (isOpen) return RESOLVE;
      const isNamed = (each: IpAddress | undefined): boolean =>
        each !== undefined && allowed.findAddress(each, fits) !== undefined;
      if (resolved.length > 0 && resolved.every(isNamed)) return ALLOW;
    }
    return refuse(
      'HOST',
      'allowed_hosts',
      `${shown(form)} is not among the hosts that policy allows.`,
    );
  };
}

export function unixDecider(
  { blocked, allowed }: Lists,
  refuse: Refuse,
): (query: { readonly path: string; readonly agent?: string | undefined }) => HostDecision {
  return ({ path, agent }) => {
    const fits = (rule: HeldRule): boolean => isFor(rule, agent);
    const denying = blocked.findUnix(path, fits);
    if (denying !== undefined)
      return refuse('HOST', denying.ruleId, withReason('Policy blocks this Unix socket', denying));
    if (!allowed.governs(agent) || allowed.findUnix(path, fits) !== undefined) return ALLOW;
    return refuse('HOST', 'allowed_hosts', 'The Unix socket is not among what policy allows.');
  };
}

const UNREADABLE = 'What was asked for is no host name and no address.';

function addressOf(text: string): IpAddress | undefined {
  const form = hostForm(text);
  return form?.kind === 'address' ? form.address : undefined;
}

function firstOf(
  table: HostTable,
  addresses: readonly (IpAddress | undefined)[],
  fits: (rule: HeldRule) => boolean,
): HeldRule | undefined {
  for (const address of addresses) {
    const found = address === undefined ? undefined : table.findAddress(address, fits);
    if (found !== undefined) return found;
  }
  return undefined;
}

export const shown = (form: HostForm): string =>
  `The host ${form.kind === 'name' ? form.name : ipText(form.address)}`;

const blockedText = (form: HostForm, rule: HeldRule): string =>
  withReason(`${shown(form)} is blocked by policy`, rule);

/** The rule's own words, where it has any, tell what to do instead. */
export const withReason = (text: string, rule: HeldRule): string =>
  rule.reason === undefined
    ? `${text} (rule ${rule.ruleId}).`
    : `${text} (rule ${rule.ruleId}): ${rule.reason}`;
