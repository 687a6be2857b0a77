import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { debug } from '../context/debug.ts';
import { dateNow } from '../context/main-realm.ts';
import { lose } from '../record/queue.ts';
import type { Post } from './post.ts';
import { REQUEST } from './request-limits.ts';
import type { Spool } from './spool.ts';
import { fileName, isAbandoned, listSpool, type SpoolFile } from './spool-dir.ts';
import { countLines, readLineGroups } from './spool-lines.ts';

/**
 * Sends what earlier processes of the same key left behind. A file is claimed by renaming it to this process. How far a
 * file has been sent is kept in memory: whoever claims it after this process sends it again from its start, and records
 * sent twice are duplicates to the ledger.
 */
export function createDrain(spool: Spool, post: Post) {
  /** Requests of each claimed file that were taken. */
  const taken = new Map<string, number>();

  /** @returns undefined when nothing is left to send, else how long the ingest asks to wait. */
  async function drain(): Promise<number | undefined> {
    try {
      for (const file of abandoned()) claim(file);
      for (const path of taken.keys()) {
        const afterMs = await send(path);
        if (afterMs !== undefined) return afterMs;
        taken.delete(path);
        spool.remove(path);
      }
    } catch (error) {
      debug('an abandoned spool file could not be sent', error);
    }
    return undefined;
  }

  const abandoned = (): readonly SpoolFile[] =>
    listSpool(spool.open()).filter((file) => isAbandoned(file, spool.owner, dateNow()));

  function claim({ path, session }: SpoolFile): void {
    const mine = join(spool.open(), fileName(spool.owner, session));
    try {
      renameSync(path, mine);
      taken.set(mine, 0);
    } catch {
      // Another process was quicker.
    }
  }

  async function send(path: string): Promise<number | undefined> {
    const done = taken.get(path) ?? 0;
    let at = 0;
    let left = countLines(path);
    for (const lines of readLineGroups(path, REQUEST.records, REQUEST.bytes)) {
      if (at++ >= done) {
        const outcome = await post(`${lines.join('\n')}\n`, lines.length);
        if (outcome.kind === 'retry') return outcome.afterMs;
        if (outcome.kind === 'refused') {
          // The chain is broken from here on; what follows in the file would be refused or prove nothing.
          lose('refused', left);
          return undefined;
        }
        taken.set(path, at);
      }
      left -= lines.length;
    }
    return undefined;
  }

  return drain;
}
