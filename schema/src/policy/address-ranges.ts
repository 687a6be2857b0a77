import type { IpAddress } from './ip-address.ts';

/** Rules by address range. */
export type AddressRanges<Rule> = {
  readonly size: number;
  add(address: IpAddress, prefix: number, rule: Rule): void;
  /** One that fits, of the narrowest range that has any. */
  find(address: IpAddress, fits: (rule: Rule) => boolean): Rule | undefined;
};

type Lengths<Key, Rule> = {
  /** Those that occur, longest first. */
  lengths: number[];
  readonly byLength: Map<number, Map<Key, Rule[]>>;
};

/** One table for each length of prefix that occurs: at most 33 and 129 looks, whatever the number of rules. */
export function createAddressRanges<Rule>(): AddressRanges<Rule> {
  const v4: Lengths<number, Rule> = { lengths: [], byLength: new Map() };
  const v6: Lengths<bigint, Rule> = { lengths: [], byLength: new Map() };
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
    find: (address, fits) => {
      if (address.family === 4) return search(v4, (prefix) => keyOf4(address.bits, prefix), fits);
      return search(v6, (prefix) => address.bits >> BigInt(128 - prefix), fits);
    },
  };
}

/** The leading bits. A shift by 32 would shift by none. */
const keyOf4 = (bits: number, prefix: number): number => Math.floor(bits / 2 ** (32 - prefix));

function insert<Key, Rule>(into: Lengths<Key, Rule>, prefix: number, key: Key, rule: Rule): void {
  const table = into.byLength.get(prefix) ?? new Map<Key, Rule[]>();
  if (table.size === 0) {
    into.byLength.set(prefix, table);
    into.lengths = [...into.byLength.keys()].sort((a, b) => b - a);
  }
  const rules = table.get(key);
  if (rules === undefined) table.set(key, [rule]);
  else rules.push(rule);
}

function search<Key, Rule>(
  { lengths, byLength }: Lengths<Key, Rule>,
  keyOf: (prefix: number) => Key,
  fits: (rule: Rule) => boolean,
): Rule | undefined {
  for (const prefix of lengths) {
    const found = byLength.get(prefix)?.get(keyOf(prefix))?.find(fits);
    if (found !== undefined) return found;
  }
  return undefined;
}
