import type { AuditRecord } from '@vantio/schema';
import { EnvelopeError } from '@vantio/schema/envelope-error';
import { erasureOf } from '@vantio/schema/erasure-of';
import { parseLedgerLine } from '@vantio/schema/ledger-line';
import { CliError, systemCode } from '../cli-error.ts';
import type { LedgerFile } from '../ledger/ledger-family.ts';
import { MAX_LINE_BYTES } from '../ledger/max-line-bytes.ts';
import { readLines } from '../ledger/read-lines.ts';

export type Trace = {
  readonly traceId: string;
  /** In ledger order, and no more of them than can be shown. */
  readonly records: AuditRecord[];
  /** Records of this trace that were not kept. */
  omitted: number;
};

export type TraceCollection = {
  /** The last to change come last. */
  readonly traces: readonly Trace[];
  readonly olderTraces: number;
  /** `session_start` of the sessions seen last, by session id. */
  readonly starts: ReadonlyMap<string, AuditRecord>;
  /** Values that an erasure record says were erased, by `valueName`. */
  readonly erased: ReadonlySet<string>;
  readonly untraced: number;
  readonly unreadable: number;
};

export type CollectOptions = {
  /** Trace id, or its first digits. */
  readonly tracePrefix: string;
  readonly limit: number;
};

const MAX_RECORDS_OF_TRACE = 5000;
const MAX_RECORDS = 100_000;
const MAX_SESSIONS = 20_000;
const MAX_ERASURES = 200_000;
/** Kept while reading, so that a trace that sleeps for long is still whole when it wakes. */
const MIN_TRACES = 1000;

/**
 * The traces of a ledger of any size, in one pass and bounded memory: those that changed last are kept, and the first
 * records of each. What is left out is counted.
 */
export function collectTraces(
  files: readonly LedgerFile[],
  { tracePrefix, limit }: CollectOptions,
): TraceCollection {
  const traces = new Map<string, Trace>();
  const starts = new Map<string, AuditRecord>();
  const erased = new Map<string, true>();
  let olderTraces = 0;
  let untraced = 0;
  let unreadable = 0;
  let kept = 0;

  const add = (record: AuditRecord): void => {
    if (record.event_type === 'session_start') {
      if (starts.size >= MAX_SESSIONS) dropOldest(starts);
      starts.set(record.session_id, record);
    }
    const erasure = erasureOf(record);
    if (erasure !== undefined) {
      if (erased.size >= MAX_ERASURES) dropOldest(erased);
      erased.set(erasure, true);
    }
    const { trace_id: traceId } = record;
    if (traceId === undefined) untraced++;
    else if (traceId.startsWith(tracePrefix)) addTo(traceId, record);
  };

  const addTo = (traceId: string, record: AuditRecord): void => {
    const trace = traces.get(traceId) ?? { traceId, records: [], omitted: 0 };
    traces.delete(traceId);
    traces.set(traceId, trace);
    if (trace.records.length < MAX_RECORDS_OF_TRACE) {
      trace.records.push(record);
      kept++;
    } else trace.omitted++;
    while (traces.size > 1 && (traces.size > Math.max(limit, MIN_TRACES) || kept > MAX_RECORDS)) {
      kept -= dropOldest(traces)?.records.length ?? 0;
      olderTraces++;
    }
  };

  for (const { path } of files)
    for (const record of readRecords(path)) {
      if (record === undefined) unreadable++;
      else add(record);
    }
  const latest = [...traces.values()].slice(-limit);
  olderTraces += traces.size - latest.length;
  return {
    traces: latest,
    olderTraces,
    starts,
    erased: new Set(erased.keys()),
    untraced,
    unreadable,
  };
}

function dropOldest<T>(map: Map<string, T>): T | undefined {
  for (const [key, value] of map) {
    map.delete(key);
    return value;
  }
  return undefined;
}

/** Records of a file; undefined for a line that holds none. */
export function* readRecords(path: string): Generator<AuditRecord | undefined> {
  try {
    for (const line of readLines(path, { maxBytes: MAX_LINE_BYTES }))
      yield line.kind === 'text' ? readRecord(line.text) : undefined;
  } catch (error) {
    throw new CliError(
      `${path} cannot be read (${systemCode(error)}); check the path and its rights.`,
    );
  }
}

/** The record of a ledger line, or undefined. Attacker-controlled. */
export function readRecord(text: string): AuditRecord | undefined {
  try {
    return parseLedgerLine(text).record;
  } catch (error) {
    if (error instanceof EnvelopeError) return undefined;
    throw error;
  }
}
