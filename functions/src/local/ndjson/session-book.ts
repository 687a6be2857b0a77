import type { AuditRecord } from '@vantio/schema';
import type { EventStatus } from '@vantio/schema/wire/ingest-answer';
import { TangledSessionError } from '../../ingest/ledger-store.ts';
import { createDiskLookup, type Stored } from './disk-lookup.ts';
import type { Run, RunIndex } from './run-index.ts';
import type { RunReader } from './run-reader.ts';

/** All that memory keeps of a session. */
export type Head = {
  readonly seq: number;
  readonly hash: string;
  readonly eventId: string;
  /** Index entry of its newest run; 0: none. */
  readonly lastRun: number;
  /** Index entry of its newest run beside the chain: late fillings of gaps, and conflicts. */
  readonly sideRun: number;
  readonly sideRuns: number;
};

/** The record being judged; `hash` is its RecordHash. */
export type Candidate = { readonly record: AuditRecord; readonly hash: string };

/** Where a kept record's line will stand. */
export type LinePlace = {
  readonly segment: number;
  readonly offset: number;
  /** With its newline. */
  readonly bytes: number;
};

/** A run that is not in the ledger yet. */
type NewRun = { -readonly [K in keyof Run]: Run[K] } & { readonly records: Stored[] };

/** What a draft would make of a session. `head.lastRun` and `head.sideRun` still point at what the ledger holds. */
type Draft = {
  head: Head | undefined;
  readonly chain: NewRun[];
  readonly side: NewRun[];
  /** Runs that stood here when this draft began: another draft's, not to be lengthened. */
  readonly chainBelow: number;
  readonly sideBelow: number;
};

export const MAX_RUN_RECORDS = 128;
const MAX_RUN_BYTES = 256 * 1024;
// Runs beside the chain are looked through one by one: the bound keeps a hostile emitter from making that slow.
const MAX_SIDE_RUNS = 512;

/**
 * Knows, for every session of every tenant, what the ledger holds, and judges what comes next. Memory holds one `Head` a
 * session; older records are found through the index and read back.
 *
 * Judging happens in drafts: a group of batches is judged, written, and only then entered in the book. A draft that is
 * dropped leaves no trace. One group draft at a time, and in it one batch draft at a time.
 */
export function createSessionBook(index: RunIndex, reader: RunReader) {
  const heads = new Map<string, Head>();

  const groupDraft = () => {
    const disk = createDiskLookup(index, reader, keyOf);
    const group = new Map<string, Draft>();
    return {
      touched: group,
      batch: () => batchDraft(group, disk),
      /** Makes a batch draft part of the group. */
      take: (batch: { readonly touched: ReadonlyMap<string, Draft> }): void => {
        for (const [key, session] of batch.touched) group.set(key, session);
      },
    };
  };

  const batchDraft = (
    group: ReadonlyMap<string, Draft>,
    disk: ReturnType<typeof createDiskLookup>,
  ) => {
    const touched = new Map<string, Draft>();

    const sessionAt = (key: string): Draft => {
      const known = touched.get(key);
      if (known) return known;
      const below = group.get(key);
      const session: Draft = {
        head: below?.head ?? heads.get(key),
        chain: [...(below?.chain ?? [])],
        side: [...(below?.side ?? [])],
        chainBelow: below?.chain.length ?? 0,
        sideBelow: below?.side.length ?? 0,
      };
      touched.set(key, session);
      return session;
    };

    const find = (key: string, { head, chain, side }: Draft, seq: number): readonly Stored[] => {
      const fresh = [...chain, ...side]
        .map((run) => run.records[seq - run.firstSeq])
        .filter((stored) => stored !== undefined);
      return head === undefined ? fresh : [...fresh, ...disk(key, head, seq)];
    };

    /** A place that a gap left open: the record must fit between its neighbours, where they are known. */
    const fits = (key: string, session: Draft, { record, hash }: Candidate): boolean => {
      const before = find(key, session, record.seq - 1);
      const after = find(key, session, record.seq + 1);
      return (
        (before.length === 0 ||
          before.some((b) => b.hash === record.prev && b.eventId < record.event_id)) &&
        (after.length === 0 || after.some((a) => a.prev === hash && a.eventId > record.event_id))
      );
    };

    const judge = (candidate: Candidate): EventStatus => {
      const { record, hash } = candidate;
      const key = keyOf(record);
      const session = sessionAt(key);
      const { head } = session;
      if (head === undefined) return 'accepted';
      if (record.seq === head.seq && hash === head.hash) return 'duplicate';
      if (record.seq > head.seq && record.event_id > head.eventId)
        if (record.seq > head.seq + 1 || record.prev === head.hash) return 'accepted';
      const stored = find(key, session, record.seq);
      if (stored.some((one) => one.hash === hash)) return 'duplicate';
      if (record.seq > head.seq || stored.length > 0) return 'conflict';
      return fits(key, session, candidate) ? 'accepted' : 'conflict';
    };

    /** Gives a judged record, other than a duplicate, its place. */
    const keep = ({ record, hash }: Candidate, place: LinePlace, status: EventStatus): void => {
      const session = sessionAt(keyOf(record));
      const stored = { hash, prev: record.prev, eventId: record.event_id };
      const { head } = session;
      if (status === 'accepted' && (head === undefined || record.seq > head.seq)) {
        const { lastRun = 0, sideRun = 0, sideRuns = 0 } = head ?? {};
        const { seq, event_id: eventId } = record;
        session.head = { seq, hash, eventId, lastRun, sideRun, sideRuns };
        addTo(session.chain, session.chainBelow, seq, place, stored);
        return;
      }
      addTo(session.side, session.sideBelow, record.seq, place, stored);
      if ((head?.sideRuns ?? 0) + session.side.length > MAX_SIDE_RUNS)
        throw new TangledSessionError(
          `a session has over ${MAX_SIDE_RUNS} stretches of conflicting or late records; start a new session`,
        );
    };

    return { judge, keep, touched };
  };

  /** Enters a group whose lines are in the ledger. */
  const enter = ({ touched }: { readonly touched: ReadonlyMap<string, Draft> }): void => {
    for (const [key, { head, chain, side }] of touched) {
      if (head === undefined || chain.length + side.length === 0) continue;
      let { lastRun, sideRun } = head;
      for (const run of chain) lastRun = index.append(run, lastRun);
      for (const run of side) sideRun = index.append(run, sideRun);
      heads.set(key, { ...head, lastRun, sideRun, sideRuns: head.sideRuns + side.length });
    }
  };

  return { heads, draft: groupDraft, enter };
}

export type SessionBook = ReturnType<typeof createSessionBook>;
export type BookDraft = ReturnType<SessionBook['draft']>;

/** A session id belongs to whoever sends it, so that no tenant can block another's. */
const keyOf = ({ tenant_id, session_id }: AuditRecord): string => `${tenant_id}/${session_id}`;

function addTo(
  runs: NewRun[],
  below: number,
  seq: number,
  { segment, offset, bytes }: LinePlace,
  stored: Stored,
): void {
  const last = runs.length > below ? runs.at(-1) : undefined;
  const joins =
    last !== undefined &&
    last.offset + last.bytes === offset &&
    last.firstSeq + last.count === seq &&
    last.count < MAX_RUN_RECORDS &&
    last.bytes + bytes <= MAX_RUN_BYTES;
  if (!joins) {
    runs.push({ firstSeq: seq, count: 1, segment, offset, bytes, records: [stored] });
    return;
  }
  last.count++;
  last.bytes += bytes;
  last.records.push(stored);
}
