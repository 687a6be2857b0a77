const LISTS = [
  /(?:Possible|Allowed|Valid|Supported) values(?: include| are)?:?\s+((?:(?:and |or )?["`][^"`]+["`][,.;]?\s*)+)/i,
  /must be one of(?: these values)?:?\s+((?:(?:and |or )?["`][^"`]+["`][,.;]?\s*)+)/i,
];

/** The values that a property's documentation lists as the only ones, if it lists any. */
export function enumOf(doc: string): ReadonlySet<string> | undefined {
  for (const list of LISTS) {
    const [, values] = list.exec(doc) ?? [];
    const words = [...(values ?? '').matchAll(/["`]([^"`]+)["`]/g)].flatMap(
      ([, word]) => word ?? [],
    );
    if (words.length > 0) return new Set(words);
  }
  return undefined;
}
