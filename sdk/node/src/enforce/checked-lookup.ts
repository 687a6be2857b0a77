import { AsyncResource } from 'node:async_hooks';
import dns, { type LookupAddress } from 'node:dns';
import { guardedOr } from './guarded.ts';
import { type Describe, judgeHost, type Target } from './judge.ts';

type Told = (error: Error | null, address?: string | LookupAddress[], family?: number) => void;
export type Lookup = (host: string, options: object, told: Told) => void;

/**
 * A lookup whose answer is judged before any of it is connected to: the very addresses, so that a name which resolves to
 * something else the next time (DNS rebinding) gains nothing. The query itself does leave.
 */
export function checkedLookup(
  lookup: Lookup = dns.lookup as unknown as Lookup,
  target: Extract<Target, { host: string }>,
  describe: Describe,
): Lookup {
  return (host, options, told) => {
    // Judged for the shield that asked, whatever the resolver's callback runs in.
    const judge = AsyncResource.bind((addresses: readonly string[]) =>
      guardedOr('judging addresses', undefined, () => {
        const ruling = judgeHost({ ...target, addresses }, describe);
        return ruling.kind === 'refused' ? { error: ruling.error } : undefined;
      }),
    );
    lookup(host, options, (error, address, family) => {
      if (error) return told(error, address, family);
      const refused = judge(addressesOf(address));
      return refused ? told(refused.error) : told(null, address, family);
    });
  };
}

const addressesOf = (address: string | LookupAddress[] | undefined): readonly string[] =>
  Array.isArray(address)
    ? address.map((each) => each.address)
    : address === undefined
      ? []
      : [address];
