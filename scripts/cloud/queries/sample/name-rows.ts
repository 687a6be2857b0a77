import type { SampleRow } from './emitter.ts';
import { MEMBERS, OPERATOR, type Subject } from './operator-session.ts';
import { policySha256 } from './other-tables.ts';

/**
 * What ids and hashes stand for, so that a person can read an expectation: `hash:agent/6` is the RecordHash of the record
 * with seq 6 of the session labelled `agent`. Only of rows that the tenant may see: a foreign one would stand out bare.
 */
export function nameRows(
  rows: readonly SampleRow[],
  { keyIds }: Subject,
): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  const add = (value: string | undefined, name: string): void => {
    if (value !== undefined && !names.has(value)) names.set(value, name);
  };
  for (const version of [3, 4, 5]) add(policySha256(version), `policy-${version}`);
  for (const [name, id] of Object.entries(keyIds)) add(id, `key-${name}`);
  for (const [name, id] of Object.entries(MEMBERS)) add(id, `member-${name}`);
  for (const { label, row } of rows) {
    const record = JSON.parse(row.Record) as Record<string, string>;
    add(record.session_id, label.replace(/\/\d+$/, ''));
    add(record.key_id, `key-${OPERATOR}`);
    add(row.RecordHash, `hash:${label}`);
    add(row.EventId, `event:${label}`);
    add(row.Record, `record:${label}`);
    add(row.RecordMac, `mac:${label}`);
  }
  return names;
}
