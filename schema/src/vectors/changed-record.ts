import { type CanonicalValue, canonicalize } from '../canonical.ts';
import { recordKey, recordMac } from '../hash.ts';
import type { SealedRecord } from '../session.ts';
import { API_KEY } from './sample-session.ts';

export type Patch = Readonly<Record<string, unknown>>;

/** An envelope around a changed record with a MAC that holds, so that only the record itself can be refused. */
export function changed(base: SealedRecord, patch: Patch): string {
  const record = canonicalLoose({ ...base.record, ...patch });
  return wrap(record);
}

export const wrap = (record: string): string =>
  `{"record":${record},"record_mac":"${recordMac(recordKey(API_KEY), record)}"}`;

/** Canonical order for values that have no canonical form: what a careless emitter would send. */
function canonicalLoose(value: Patch): string {
  const members = Object.keys(value)
    .sort()
    .filter((name) => value[name] !== undefined)
    .map((name) => `${JSON.stringify(name)}:${looseValue(value[name])}`);
  return `{${members.join(',')}}`;
}

const looseValue = (value: unknown): string => {
  if (typeof value === 'object' && value !== null && 'raw' in value) return String(value.raw);
  return typeof value === 'object' && value !== null
    ? canonicalize(value as CanonicalValue)
    : JSON.stringify(value);
};
