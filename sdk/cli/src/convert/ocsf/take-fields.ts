import type { AuditRecord } from '@vantio/schema';

/** A record from which fields are taken; what nobody took has no place of its own. */
export type Fields = {
  /** A field's value; it counts as taken. */
  readonly take: <Name extends keyof AuditRecord>(name: Name) => AuditRecord[Name];
  readonly has: (name: keyof AuditRecord) => boolean;
  readonly rest: () => Readonly<Record<string, unknown>>;
};

export function takeFields(record: AuditRecord): Fields {
  const taken = new Set<string>();
  return {
    take: (name) => {
      taken.add(name);
      return record[name];
    },
    has: (name) => record[name] !== undefined,
    rest: () => Object.fromEntries(Object.entries(record).filter(([name]) => !taken.has(name))),
  };
}

/** An object of what is there; undefined if nothing is. */
export function present<T extends object>(members: T): T | undefined {
  const there = Object.entries(members).filter(([, value]) => value !== undefined);
  return there.length === 0 ? undefined : (Object.fromEntries(there) as T);
}
