import { createHash, type Hash } from 'node:crypto';
import { chmodSync, createReadStream, existsSync, renameSync } from 'node:fs';
import {
  type AppendFile,
  createAppendFile,
  type OpenAppendHandle,
  syncDirectoryOf,
} from './append-file.ts';
import { makeAppendOnly } from './append-only.ts';
import { disclosuresOf, type Family, sizeOf } from './family.ts';

export type SegmentsOptions = {
  readonly family: Family;
  /** Number that the active file will have once it is closed. */
  readonly segment: number;
  /** Lines that it holds. */
  readonly lines: number;
  readonly openHandle: OpenAppendHandle;
  readonly appendOnly: boolean;
  readonly log: (message: string, error?: unknown) => void;
};

/** What the `rotation` record says of a closed file. */
export type ClosedSegment = {
  readonly segment: number;
  readonly segment_bytes: number;
  readonly segment_records: number;
  readonly segment_sha256: string;
};

type Files = {
  readonly ledger: AppendFile;
  readonly disclosures: AppendFile;
  /** SHA-256 of the ledger file so far. */
  readonly hash: Hash;
};

/** The active ledger file with the disclosures beside it, and their passing on. One call at a time. */
export function openSegments(options: SegmentsOptions) {
  const { family, openHandle, log } = options;
  let { segment, lines } = options;
  let files: Files | undefined;
  let appendOnly = options.appendOnly;

  const openFile = async (path: string): Promise<AppendFile> => {
    const isNew = !existsSync(path);
    const handle = await openHandle(path);
    if (isNew) await syncDirectoryOf(path);
    return createAppendFile(handle, sizeOf(path));
  };

  /** Opens what a failed rotation left closed. */
  const ready = async (): Promise<void> => {
    if (files) return;
    const { hash } = await measure(family.active);
    files = {
      ledger: await openFile(family.active),
      disclosures: await openFile(disclosuresOf(family.active)),
      hash,
    };
  };

  const opened = (): Files => {
    if (!files) throw new Error('the ledger file is not open');
    return files;
  };

  /**
   * Disclosures first: a record that is there without its disclosure would make the retry a duplicate, and the
   * disclosure would be lost. The other way round, a disclosure without its record is merely idle.
   */
  const append = async (text: string, disclosureText: string, count: number): Promise<void> => {
    if (text === '') return;
    const { ledger, disclosures, hash } = opened();
    const bytes = Buffer.from(text, 'latin1');
    const before = disclosures.size();
    await disclosures.append(Buffer.from(disclosureText));
    try {
      await ledger.append(bytes);
    } catch (error) {
      await disclosures.cutBack(before).catch(() => {});
      throw error;
    }
    hash.update(bytes);
    lines += count;
  };

  const closeFiles = async (): Promise<void> => {
    const { ledger, disclosures } = opened();
    files = undefined;
    await Promise.all([ledger.close(), disclosures.close()]);
  };

  /** Closes the active file for good; the next one is opened by `ready`. */
  const rotate = async (): Promise<ClosedSegment> => {
    const { ledger, hash } = opened();
    const closed = {
      segment,
      segment_bytes: ledger.size(),
      segment_records: lines,
      segment_sha256: hash.digest('hex'),
    };
    await closeFiles();
    const path = family.rotated(segment);
    chmodSync(family.active, 0o400);
    // The ledger moves first: after a crash in between, the disclosures stay with the next segment, and none is overwritten.
    renameSync(family.active, path);
    renameSync(disclosuresOf(family.active), disclosuresOf(path));
    segment++;
    lines = 0;
    await syncDirectoryOf(path);
    await freeze(path);
    return closed;
  };

  const freeze = async (path: string): Promise<void> => {
    if (!appendOnly) return;
    const reason = await makeAppendOnly(path);
    if (reason === undefined) return;
    appendOnly = false;
    log(`closed ledger files are read-only (0400) but not append-only: ${reason}`);
  };

  /** A closed file whose `rotation` record was lost to a crash: it is due as the first thing in the new file. */
  const unsaidRotation = async (): Promise<ClosedSegment | undefined> => {
    await ready();
    const path = family.rotated(segment - 1);
    if (opened().ledger.size() > 0 || !existsSync(path)) return undefined;
    const { hash, newlines } = await measure(path);
    return {
      segment: segment - 1,
      segment_bytes: sizeOf(path),
      segment_records: newlines,
      segment_sha256: hash.digest('hex'),
    };
  };

  return {
    ready,
    append,
    rotate,
    unsaidRotation,
    number: () => segment,
    size: () => files?.ledger.size() ?? 0,
    lines: () => lines,
    close: async () => {
      if (files) await closeFiles();
    },
  };
}

async function measure(path: string): Promise<{ readonly hash: Hash; readonly newlines: number }> {
  const hash = createHash('sha256');
  let newlines = 0;
  if (existsSync(path))
    for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
      hash.update(chunk);
      for (let at = chunk.indexOf(0x0a); at !== -1; at = chunk.indexOf(0x0a, at + 1)) newlines++;
    }
  return { hash, newlines };
}
