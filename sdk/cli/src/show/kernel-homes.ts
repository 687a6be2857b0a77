import type { AuditRecord } from '@vantio/schema';
import { startOf } from './record-times.ts';

/** The agent's session holds the records of many processes; they stand where their process does. */
export const isKernel = ({ source }: AuditRecord): boolean => source === 'kernel_agent';

export type Homes = {
  /** Where the records of a process stand: the session of its own main thread, else what tells it from other processes. */
  homeOf(record: AuditRecord): string;
  /** Whether it is a process that only the agent saw. */
  isOwn(home: string): boolean;
  /** Records that tell of the making of such a process, the surest first. */
  makersOf(home: string): readonly AuditRecord[];
  /** Whether it tells of a process that stands in the tree itself. */
  tellsOfNode(record: AuditRecord): boolean;
};

type Process = { readonly pid: number; readonly from: number };

/** Two emitters' clocks, and one that looks a moment later than it happened. */
const SLACK_US = 1_000_000;
const NOWHERE = 'kernel';

const nameOf = (pid: number | undefined, start: number | undefined): string =>
  pid === undefined || start === undefined ? NOWHERE : `${NOWHERE} ${pid} ${start}`;

export function kernelHomes(records: readonly AuditRecord[]): Homes {
  const sessions = new Map<string, string>();
  const seen = new Map<string, Process>();
  for (const record of records) {
    const { pid, process_start: start, thread_id: thread, session_id: session } = record;
    if (pid === undefined || start === undefined) continue;
    const name = nameOf(pid, start);
    if (!isKernel(record)) {
      if (thread === undefined || thread === 0) sessions.set(name, session);
    } else if (!seen.has(name)) seen.set(name, { pid, from: startOf(record) });
  }
  const homeOf = ({ pid, process_start: start }: AuditRecord): string => {
    const name = nameOf(pid, start);
    return sessions.get(name) ?? name;
  };
  const isOwn = (home: string): boolean => home.startsWith(NOWHERE);
  const forks = new Map<string, AuditRecord>();
  for (const record of records)
    if (record.event_type === 'process_fork')
      forks.set(nameOf(record.child_pid, record.child_process_start), record);
  /** A program that an SDK saw started: its process id may have been another's before. */
  const starts = records.filter(
    (record) =>
      record.event_type === 'process_exec' && record.child_pid !== undefined && !isKernel(record),
  );
  return {
    homeOf,
    isOwn,
    makersOf(home) {
      const process = seen.get(home);
      if (process === undefined) return [];
      const near = starts.filter(
        (record) => record.child_pid === process.pid && startOf(record) - process.from < SLACK_US,
      );
      const fork = forks.get(home);
      return [...near.slice(-1), ...(fork === undefined ? [] : [fork])];
    },
    tellsOfNode: (record) =>
      record.event_type === 'process_fork' &&
      seen.has(nameOf(record.child_pid, record.child_process_start)),
  };
}
