import type { AuditRecord } from '@vantio/schema';
import { describeRecord } from '../show/describe-record.ts';
import type { Screen } from '../terminal/screen.ts';

/** One record in one line of a running log. */
export function renderLine(record: AuditRecord | undefined, screen: Screen): string {
  if (record === undefined) return screen.paint('red', 'unreadable line: run vantio verify');
  const { occurred_at, trace_id, pid } = record;
  return [
    screen.paint('dim', occurred_at.slice(11, 23)),
    screen.paint('cyan', trace_id?.slice(0, 8) ?? '-'.repeat(8)),
    pid === undefined ? undefined : `pid ${pid}`,
    describeRecord(record, commitmentDigits, screen),
  ]
    .filter((part) => part !== undefined)
    .join('  ');
}

const commitmentDigits: Parameters<typeof describeRecord>[1] = (record, field) =>
  record[`${field}_commit`] && `#${record[`${field}_commit`]?.slice(0, 8)}`;
