import type { HeldRule } from './held-rule.ts';
import type { IpAddress } from './ip-address.ts';

/** Rules by address range. */
export type AddressRanges = {
  readonly size: number;
  add(address: IpAddress, prefix: number, rule: HeldRule): void;
  /** The one of the narrowest range that `matches`. */
  find(address: IpAddress, matches: (rule: HeldRule) => boolean): HeldRule | undefined;
};

type Lengths<Key> = {
  /** Those that occur, longest first. */
  lengths: number[];
  readonly byLength: Map<number, Map<Key, HeldRule[]>>;
};

/** One table for each length of prefix that occurs: at most 33 and 129 looks, whatever the number of rules. */
export function createAddressRanges(): AddressRanges {
  const v4: Lengths<number> = { lengths: [], byLength: new Map() };
  const v6: Lengths<bigint> = { lengths: [], byLength: new Map() };
  let size = 0;
  return {
    get size() {
      return size;
    },
    add: (address, prefix, rule) => {
      size += 1;
      if (address.family === 4) insert(v4, prefix, keyOf4(address.bits, prefix), rule);
      else insert(v6, prefix, address.bits >> BigInt(128 - prefix), rule);
    },
    find: (address, matches) => {
      if (address.family === 4)
        return search(v4, (prefix) => keyOf4(address.bits, prefix), matches);
      return search(v6, (prefix) => address.bits >> BigInt(128 - prefix), matches);
    },
  };
}

/** The leading bits. A shift by 32 would shift by none. */
const keyOf4 = (bits: number, prefix: number): number => Math.floor(bits / 2 ** (32 - prefix));

function insert<Key>(into: Lengths<Key>, prefix: number, key: Key, rule: HeldRule): void {
  const table = into.byLength.get(prefix) ?? new Map<Key, HeldRule[]>();
  if (table.size === 0) {
    into.byLength.set(prefix, table);
    into.lengths = [...into.byLength.keys()].sort((a, b) => b - a);
  }
  const rules = table.get(key);
  if (rules === undefined) table.set(key, [rule]);
  else rules.push(rule);
}

function search<Key>(
  { lengths, byLength }: Lengths<Key>,
  keyOf: (prefix: number) => Key,
  matches: (rule: HeldRule) => boolean,
): HeldRule | undefined {
  for (const prefix of lengths) {
    const found = byLength.get(prefix)?.get(keyOf(prefix))?.find(matches);
    if (found !== undefined) return found;
  }
  return undefined;
}
