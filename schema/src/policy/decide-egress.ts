import { shown, withReason } from './decide-host.ts';
import { ALLOW, type EgressDecision, type Refuse } from './decision.ts';
import { type HeldRule, type Holding, heldRule, isHeld } from './held-rule.ts';
import { type HostForm, hostForm } from './host-form.ts';
import type { HostPattern } from './host-pattern.ts';
import { checkedPattern, createHostTable, type HostTable, heldHosts } from './host-table.ts';
import { effectiveAddress, type IpAddress, readIpAddress } from './ip-address.ts';
import { isLoopback, isMetadata, isPrivate, namesOne, namesPrivate } from './networks.ts';
import type { KernelSection, PolicyDocument } from './policy-document.ts';

export type Protocol = 'tcp' | 'udp' | 'icmp' | 'icmpv6' | 'sctp' | 'other';
export type EgressQuery = {
  /** Where the packet goes. */
  readonly address: string;
  readonly protocol: Protocol;
  /** Absent for a protocol without ports. */
  readonly port?: number | undefined;
  /** Names by which the workload reaches the address: of the ClientHello if there was one, or of DNS answers. */
  readonly names?: readonly string[] | undefined;
};

type EgressRule = HeldRule & {
  readonly pattern: HostPattern;
  readonly ports?: readonly PortRange[];
  readonly protocols?: readonly Protocol[];
};
type PortRange = readonly [from: number, to: number];
type Written = KernelSection['egress']['blocked'][number];
type Table = HostTable<EgressRule>;

/** The order of the rules is schema/policy.md's, section 6. */
export function egressDecider(
  policy: PolicyDocument,
  kernel: KernelSection,
  { holding, refuse }: { readonly holding: Holding; readonly refuse: Refuse },
): (query: EgressQuery) => EgressDecision {
  const hosts = (list: 'blocked_hosts' | 'allowed_hosts'): Table =>
    createHostTable(
      heldHosts(policy[list], list, holding).map(({ pattern, rule }) => ({
        pattern,
        rule: {
          ...rule,
          pattern,
          ...(rule.port === undefined ? {} : { ports: [[rule.port, rule.port]] as const }),
        },
      })),
    );
  const blockedHosts = hosts('blocked_hosts');
  const allowedHosts = hosts('allowed_hosts');
  const blocked = egressTable(kernel.egress.blocked, 'kernel.egress.blocked', holding);
  const allowed = egressTable(kernel.egress.allowed, 'kernel.egress.allowed', holding);
  const resolvers = new Set(kernel.resolvers.map((text) => keyOf(addressOf(text))));
  const isHolding = isHeld(holding, kernel.on_unavailable);

  return (query) => {
    const address = addressOf(query.address);
    const asked: HostForm = { kind: 'address', address };
    const forms = [asked, ...(query.names ?? []).flatMap((name) => hostForm(name) ?? [])];
    const find = (table: Table, means: (pattern: HostPattern) => boolean = () => true) => {
      for (const form of forms) {
        const found = table.find(form, (rule) => fits(rule, query) && means(rule.pattern));
        if (found !== undefined) return found;
      }
      return undefined;
    };
    const isNamed = (means: (pattern: HostPattern) => boolean): boolean =>
      find(allowed, means) !== undefined || find(allowedHosts, means) !== undefined;
    const deny = (ruleId: string, text: string): EgressDecision =>
      refuse('EGRESS', ruleId, `${shown(asked)} ${text} (rule ${ruleId}).`);

    const host = find(blockedHosts);
    if (host !== undefined)
      return refuse('HOST', host.ruleId, withReason(`${shown(asked)} is blocked by policy`, host));
    const rule = find(blocked);
    if (rule !== undefined)
      return refuse(
        'EGRESS',
        rule.ruleId,
        withReason(`${shown(asked)} is blocked by policy`, rule),
      );
    if (isHolding && resolvers.size > 0 && query.port === 53)
      return resolvers.has(keyOf(address))
        ? ALLOW
        : deny('kernel.resolvers', 'is not a resolver that policy allows');
    if (isLoopback(address)) return ALLOW;
    if (isHolding && isMetadata(address)) {
      if (kernel.metadata_address === 'deny' && !isNamed(namesOne))
        return deny('kernel.metadata_address', 'hands out credentials of the cloud');
    } else if (isHolding && isPrivate(address)) {
      if (kernel.private_networks === 'deny' && !isNamed(namesPrivate))
        return deny('kernel.private_networks', 'is in a private network');
    }
    const isListed = allowed.governs(undefined);
    if ((!isListed && !allowedHosts.governs(undefined)) || isNamed(() => true)) return ALLOW;
    const text = `${shown(asked)} is not among what policy allows.`;
    return isListed
      ? refuse('EGRESS', 'kernel.egress.allowed', text)
      : refuse('HOST', 'allowed_hosts', text);
  };
}

function egressTable(rules: readonly Written[], list: string, holding: Holding): Table {
  return createHostTable(
    rules.flatMap((written, at) => {
      const fields = typeof written === 'string' ? { to: written } : written;
      if (!isHeld(holding, fields.on_unavailable)) return [];
      const pattern = checkedPattern(fields.to);
      const rule: EgressRule = {
        ...heldRule(written, `${list}.${at}`),
        pattern,
        ...(fields.ports === undefined ? {} : { ports: fields.ports.map(portRange) }),
        ...(fields.protocols === undefined ? {} : { protocols: fields.protocols }),
      };
      return [{ pattern, rule }];
    }),
  );
}

function portRange(written: number | string): PortRange {
  const [from = 0, to = from] = String(written).split('-').map(Number);
  return [from, to];
}

/** A rule with agents is for SDKs: the kernel knows no shields. */
const fits = (rule: EgressRule, { port, protocol }: EgressQuery): boolean =>
  rule.agents === undefined &&
  (rule.ports === undefined ||
    (port !== undefined && rule.ports.some(([from, to]) => from <= port && port <= to))) &&
  (rule.protocols === undefined || rule.protocols.includes(protocol));

/** @throws {TypeError} for what is no address: the kernel sends packets to nothing else. */
function addressOf(text: string): IpAddress {
  const address = readIpAddress(text);
  if (address === undefined) throw new TypeError('an egress is decided by an address');
  return effectiveAddress(address);
}

const keyOf = ({ family, bits }: IpAddress): string => `${family}:${bits}`;
