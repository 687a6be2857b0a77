import { createHash } from 'node:crypto';
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import type { MonthCountState } from './month-count.ts';
import type { Head } from './session-book.ts';

/** What the writer knew when the ledger ended at a certain byte. */
export type Snapshot = {
  readonly v: 1;
  /** Segment that was active, and how far into it this knowledge goes. */
  readonly segment: number;
  readonly offset: number;
  /** Lines of the active segment before the offset. */
  readonly lines: number;
  /** `received_mac` of the line before the offset, or of the last line of the segment before. */
  readonly receivedMac: string;
  readonly indexEntries: number;
  /** SHA-256 of these entries: a session's head points at them by number. */
  readonly indexDigest: string;
  readonly count: MonthCountState;
};

const CHUNK_SESSIONS = 1000;

/** Replaces the snapshot by a whole new one, or leaves the old one. */
export function writeSnapshot(
  path: string,
  snapshot: Snapshot,
  heads: ReadonlyMap<string, Head>,
): void {
  const draft = `${path}.new`;
  const fd = openSync(draft, 'w', 0o600);
  const seal = createHash('sha256');
  const put = (text: string): void => {
    seal.update(text);
    writeSync(fd, text);
  };
  try {
    put(`${JSON.stringify(snapshot)}\n`);
    let chunk = '';
    let sessions = 0;
    for (const [key, { seq, hash, eventId, lastRun, sideRun, sideRuns }] of heads) {
      chunk += `${JSON.stringify([key, seq, hash, eventId, lastRun, sideRun, sideRuns])}\n`;
      if (++sessions % CHUNK_SESSIONS !== 0) continue;
      put(chunk);
      chunk = '';
    }
    put(chunk);
    writeSync(fd, `${seal.digest('hex')}\n`);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(draft, path);
}

/** Inverse of `writeSnapshot`. @returns undefined when there is none, or it is not whole. */
export function readSnapshot(
  path: string,
): { readonly snapshot: Snapshot; readonly heads: ReadonlyMap<string, Head> } | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'latin1');
  } catch {
    return undefined;
  }
  const sealAt = text.lastIndexOf('\n', text.length - 2) + 1;
  const seal = createHash('sha256').update(text.slice(0, sealAt), 'latin1').digest('hex');
  if (text.slice(sealAt) !== `${seal}\n`) return undefined;
  const [first = '', ...rest] = text.slice(0, sealAt - 1).split('\n');
  const heads = new Map<string, Head>();
  for (const line of rest) {
    const [key, seq, hash, eventId, lastRun, sideRun, sideRuns] = JSON.parse(line) as HeadLine;
    heads.set(key, { seq, hash, eventId, lastRun, sideRun, sideRuns });
  }
  const snapshot = JSON.parse(first) as Snapshot;
  return snapshot.v === 1 ? { snapshot, heads } : undefined;
}

type HeadLine = [
  key: string,
  seq: number,
  hash: string,
  eventId: string,
  lastRun: number,
  sideRun: number,
  sideRuns: number,
];
