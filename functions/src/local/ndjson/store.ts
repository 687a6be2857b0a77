import { mkdirSync } from 'node:fs';
import { createControlSession, type EndReason, nowInstant } from '../../ingest/control-session.ts';
import {
  type Batch,
  type ControlNote,
  type LedgerStore,
  QuotaExceededError,
  type Receipt,
  StoreUnavailableError,
  TangledSessionError,
} from '../../ingest/ledger-store.ts';
import { type OpenAppendHandle, openAppendHandle } from './append-file.ts';
import { type Composed, composeBatch } from './compose-batch.ts';
import { cutTornLine } from './cut-torn-line.ts';
import { disclosuresOf, type Family, familyOf, lastRotated, pathOf, sizeOf } from './family.ts';
import { findEvent } from './find-event.ts';
import { loadBook } from './load-book.ts';
import { type Lock, REFRESH_MILLIS, takeLock } from './lock.ts';
import { openSegments } from './segments.ts';
import { writeSnapshot } from './snapshot.ts';

export type NdjsonStoreOptions = {
  /** Must end in .ndjson. */
  readonly outputFile: string;
  /** The control plane's own API key. */
  readonly controlKey: string;
  /** Bytes after which a file is closed. */
  readonly maxSegmentBytes?: number;
  readonly log: (message: string, error?: unknown) => void;
  readonly openHandle?: OpenAppendHandle;
  /** Whether closed files are made append-only (`chattr +a`). */
  readonly appendOnly?: boolean;
  /** The ledger's lock, if the caller has taken it; the caller releases it. */
  readonly lock?: Lock;
  /** Called when more has become durable. */
  readonly onDurable?: () => void;
};

/** Where a line starts, or right behind one. */
export type LedgerPlace = { readonly segment: number; readonly offset: number };

export type NdjsonStore = Omit<LedgerStore, 'close'> & {
  /** The file that lines go to: another than asked for when another process writes that one. */
  readonly file: string;
  readonly family: Family;
  /** Behind the last line that is durable. */
  readonly end: () => LedgerPlace;
  /** Where the tenant's record of this event id starts; the first one, if a conflict has it too. */
  readonly find: (tenantId: string, eventId: string) => LedgerPlace | undefined;
  /** Where a segment is now: it moves when it is rotated. */
  readonly pathOf: (segment: number) => string;
  readonly close: (reason?: EndReason) => Promise<void>;
};

type Waiting = {
  readonly batch: Batch;
  readonly resolve: (receipt: Receipt) => void;
  readonly reject: (error: Error) => void;
};

export const DEFAULT_SEGMENT_BYTES = 256 * 1024 * 1024;
const RETRY_SECONDS = 5;
/** Records that are judged in one go: bounds how long other requests wait for the event loop. */
const GROUP_RECORDS = 5000;

/**
 * The ledger as NDJSON files. One loop writes: it takes every batch that waits, judges them in turn against what is
 * durable, writes them in one go, syncs once, and only then answers all of them (group commit).
 */
export async function openNdjsonStore(options: NdjsonStoreOptions): Promise<NdjsonStore> {
  const { log, openHandle = openAppendHandle, maxSegmentBytes = DEFAULT_SEGMENT_BYTES } = options;
  const { onDurable = () => {} } = options;
  const control = createControlSession(options.controlKey);
  const asked = familyOf(options.outputFile);
  mkdirSync(asked.directory, { recursive: true });
  const lock = options.lock ?? takeLock(asked.lock);
  const family = lock ? asked : asked.writer(control.sessionId);
  // Nobody else writes a further writer's files, but whoever rewrites their disclosures must know that they are in use.
  const held = lock ?? takeLock(family.lock);
  const release = (): void => {
    if (options.lock === undefined) held?.release();
  };
  if (!lock)
    log(`another process writes ${asked.active}; this one writes ${family.active} beside it`);

  const activeSegment = lastRotated(family) + 1;
  const cuts = [family.active, disclosuresOf(family.active)].flatMap((path) => {
    const cut = cutTornLine(path);
    if (cut) log(`cut ${cut.bytes} byte(s) of a torn last line off ${path}`);
    return cut ? [cut] : [];
  });
  const segmentPath = (segment: number): string =>
    pathOf(family, segment, segments?.number() ?? activeSegment);
  let segments: ReturnType<typeof openSegments> | undefined;
  const loaded = loadBook(family, activeSegment, segmentPath, log);
  const { book, index, reader, count } = loaded;
  segments = openSegments({
    family,
    segment: activeSegment,
    lines: loaded.lines,
    openHandle,
    appendOnly: options.appendOnly ?? true,
    log,
  });
  const files = segments;

  let receivedMac = loaded.receivedMac;
  let durable: LedgerPlace = { segment: activeSegment, offset: sizeOf(family.active) };
  const queue: Waiting[] = [];
  let draining: Promise<void> | undefined;
  let closed = false;
  let lost = false;

  /** Judges and writes what waits. Never rejects: each batch is told its own outcome. */
  const commit = async (group: readonly Waiting[]): Promise<void> => {
    const receivedAt = nowInstant();
    const own = control.offer();
    let written: readonly { readonly waiting: Waiting | undefined; readonly composed: Composed }[];
    try {
      if (lost) throw new Error('the lock of the ledger file was taken away');
      await files.ready();
      const draft = book.draft();
      let at = { segment: files.number(), offset: files.size(), previous: receivedMac };
      const parts: { waiting: Waiting | undefined; composed: Composed }[] = [];
      const counted = new Map<string, number>();
      const compose = (batch: Batch, waiting: Waiting | undefined): void => {
        const composed = composeBatch(batch, draft.batch(), at, receivedAt);
        const { tenantId, monthlyLimit } = batch;
        const total = (counted.get(tenantId) ?? 0) + composed.counted;
        if (
          monthlyLimit !== undefined &&
          composed.counted > 0 &&
          count.of(tenantId, receivedAt) + total > monthlyLimit
        )
          throw new QuotaExceededError(composed.counted);
        counted.set(tenantId, total);
        draft.take(composed.draft);
        at = composed.next;
        parts.push({ waiting, composed });
      };
      if (own.records.length > 0) compose(own, undefined);
      for (const waiting of group)
        try {
          compose(waiting.batch, waiting);
        } catch (error) {
          waiting.reject(batchFault(error));
        }
      await files.append(
        parts.map(({ composed }) => composed.text).join(''),
        parts.map(({ composed }) => composed.disclosures).join(''),
        parts.reduce((lines, { composed }) => lines + composed.lines, 0),
      );
      // From here on the lines are durable; nothing below may fail a batch.
      book.enter(draft);
      receivedMac = at.previous;
      for (const [tenantId, events] of counted) count.add(tenantId, receivedAt, events);
      control.settle(own);
      written = parts;
      durable = { segment: files.number(), offset: files.size() };
    } catch (error) {
      log('the ledger cannot be written', error);
      for (const { reject } of group) reject(unavailable(error));
      return;
    }
    for (const { waiting, composed } of written) {
      if (waiting === undefined) continue;
      noteConflicts(waiting.batch, composed);
      waiting.resolve({ receivedAt, statuses: composed.statuses });
    }
    onDurable();
    try {
      index.flush();
    } catch (error) {
      log('the run index cannot be written; it stays in memory', error);
    }
  };

  const batchFault = (error: unknown): Error => {
    if (error instanceof QuotaExceededError || error instanceof TangledSessionError) return error;
    log('a batch cannot be judged', error);
    return unavailable(error);
  };

  const noteConflicts = ({ tenantId, records }: Batch, { statuses }: Composed): void => {
    for (const [at, { record, hash }] of records.entries())
      if (statuses[at] === 'conflict')
        control.say({
          event_type: 'conflict',
          action_taken: 'RECORDED',
          subject_event_id: record.event_id,
          subject_record_hash: hash,
          subject_session_id: record.session_id,
          subject_tenant_id: tenantId,
        });
  };

  const snapshot = (): void => {
    try {
      index.sync();
      const at = { segment: files.number(), offset: files.size(), lines: files.lines() };
      writeSnapshot(
        family.snapshot,
        {
          v: 1,
          ...at,
          receivedMac,
          indexEntries: index.entries(),
          indexDigest: index.digest(),
          count: count.state(),
        },
        book.heads,
      );
    } catch (error) {
      log('no snapshot could be written; the next start reads more of the ledger', error);
    }
  };

  const rotateWhenFull = async (): Promise<void> => {
    // Only the family's first writer rotates: `verify` numbers its segments.
    if (!lock || lost || files.size() < maxSegmentBytes) return;
    try {
      control.say({ event_type: 'rotation', action_taken: 'RECORDED', ...(await files.rotate()) });
      control.head();
      await commit([]);
      snapshot();
    } catch (error) {
      log('the ledger file could not be rotated; it will be tried again', error);
    }
  };

  const takeGroup = (): readonly Waiting[] => {
    let records = 0;
    let size = 0;
    while (size < queue.length && records < GROUP_RECORDS)
      records += queue[size++]?.batch.records.length ?? 0;
    return queue.splice(0, size);
  };

  /** Notes go out at once when nothing else waits; with a batch otherwise. */
  const drain = async (): Promise<void> => {
    while (queue.length > 0 || control.isFresh()) {
      await commit(takeGroup());
      await rotateWhenFull();
    }
  };

  const kick = (): void => {
    draining ??= drain().finally(() => {
      draining = undefined;
      if (queue.length > 0 || control.isFresh()) kick();
    });
  };

  const note = (about: ControlNote): void => {
    if (closed) return;
    control.sayIfRoom(about);
    kick();
  };

  const append = (batch: Batch): Promise<Receipt> =>
    new Promise((resolve, reject) => {
      if (closed) return reject(unavailable(new Error('the control plane is shutting down')));
      queue.push({ batch, resolve, reject });
      kick();
    });

  const close = async (reason: EndReason = { end_reason: 'shutdown' }): Promise<void> => {
    if (closed) return;
    closed = true;
    clearInterval(refreshing);
    while (draining) await draining;
    control.end(reason);
    await commit([]);
    snapshot();
    await files.close();
    index.close();
    reader.close();
    if (!lost) release();
  };

  const refreshing = setInterval(() => {
    if (lost || !held || held.refresh()) return;
    lost = true;
    log(`the lock ${family.lock} was taken away; nothing more is written`);
  }, REFRESH_MILLIS);
  refreshing.unref();

  control.start();
  for (const { bytes, offset } of cuts)
    control.say({
      event_type: 'recovery',
      action_taken: 'RECORDED',
      cut_bytes: bytes,
      cut_offset: offset,
    });
  const unsaid = await files.unsaidRotation();
  if (unsaid) control.say({ event_type: 'rotation', action_taken: 'RECORDED', ...unsaid });
  await commit([]);
  if (!control.isEmpty()) {
    clearInterval(refreshing);
    release();
    throw new Error(
      `the ledger file ${family.active} cannot be written; free space or name another file`,
    );
  }
  return {
    file: family.active,
    family,
    end: () => durable,
    pathOf: segmentPath,
    find: (tenantId, eventId) => findEvent({ book, index, reader }, tenantId, eventId),
    append,
    note,
    countedThisMonth: async (tenantId) => count.of(tenantId, nowInstant()),
    close,
  };
}

const unavailable = (cause: unknown): StoreUnavailableError =>
  new StoreUnavailableError('the ledger cannot be written', RETRY_SECONDS, cause);
