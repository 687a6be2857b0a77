import type { Holding } from './held-rule.ts';
import { type HeldRule, heldRule, isHeld } from './held-rule.ts';
import { type PathPattern, plainPath, readPathPattern } from './path-pattern.ts';
import type { RuleFields } from './rule-fields.ts';

export type PathRule = HeldRule & { readonly access?: 'any' | 'read' | 'write' };
export type PathTable = {
  readonly size: number;
  /** @param path absolute; links are the caller's to follow. */
  find(path: string, fits?: (rule: PathRule) => boolean): PathRule | undefined;
};

type Written =
  | string
  | (RuleFields & { readonly path: string; readonly access?: PathRule['access'] });

/** A list of path rules: the exact path first, then its folders from the inmost, then its last name. */
export function createPathTable(
  rules: readonly Written[],
  list: string,
  holding: Holding,
): PathTable {
  const tables: Readonly<Record<PathPattern['kind'], Map<string, PathRule[]>>> = {
    exact: new Map(),
    below: new Map(),
    named: new Map(),
  };
  let size = 0;
  rules.forEach((written, at) => {
    const fields = typeof written === 'string' ? { path: written } : written;
    if (!isHeld(holding, fields.on_unavailable)) return;
    const pattern = readPathPattern(fields.path);
    if (pattern === undefined) throw new TypeError('the policy was not checked');
    const key =
      pattern.kind === 'exact'
        ? pattern.path
        : pattern.kind === 'below'
          ? pattern.folder
          : pattern.name;
    const rule: PathRule = {
      ...heldRule(written, `${list}.${at}`),
      ...(fields.access === undefined ? {} : { access: fields.access }),
    };
    const table = tables[pattern.kind];
    table.set(key, [...(table.get(key) ?? []), rule]);
    size += 1;
  });
  return {
    size,
    find: (raw, fits = () => true) => {
      const path = plainPath(raw);
      const exact = tables.exact.get(path)?.find(fits);
      if (exact !== undefined) return exact;
      for (
        let slash = path.lastIndexOf('/');
        slash >= 0;
        slash = path.lastIndexOf('/', slash - 1)
      ) {
        const below = tables.below.get(path.slice(0, slash + 1))?.find(fits);
        if (below !== undefined) return below;
        if (slash === 0) break;
      }
      return tables.named.get(path.slice(path.lastIndexOf('/') + 1))?.find(fits);
    },
  };
}
