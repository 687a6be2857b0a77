import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { debug } from '../context/debug.ts';
import { dateNow } from '../context/main-realm.ts';
import { lose } from '../record/queue.ts';
import type { Post } from './post.ts';
import type { Spool } from './spool.ts';
import { fileName, isAbandoned, listSpool, type SpoolFile } from './spool-dir.ts';
import { countLines, readLineGroups } from './spool-lines.ts';

const LINES = 500;
const BYTES = 2 * 1024 * 1024;

/**
 * Sends what earlier processes of the same key left behind. A file is claimed by renaming it to this process; records
 * sent twice are duplicates to the ledger and do no harm.
 * @returns whether nothing is left to send.
 */
export async function drainAbandoned(spool: Spool, post: Post): Promise<boolean> {
  for (const file of abandoned(spool)) {
    const path = claim(spool, file);
    if (path === undefined) continue;
    try {
      if (!(await send(path, post))) return false;
      spool.remove(path);
    } catch (error) {
      debug('an abandoned spool file could not be sent', error);
      return false;
    }
  }
  return true;
}

function abandoned({ open, owner }: Spool): readonly SpoolFile[] {
  try {
    return listSpool(open()).filter((file) => isAbandoned(file, owner, dateNow()));
  } catch (error) {
    debug('the spool cannot be read', error);
    return [];
  }
}

function claim({ open, owner }: Spool, { path, session }: SpoolFile): string | undefined {
  const mine = join(open(), fileName(owner, session));
  try {
    renameSync(path, mine);
    return mine;
  } catch {
    // Another process was quicker.
    return undefined;
  }
}

async function send(path: string, post: Post): Promise<boolean> {
  let left = countLines(path);
  for (const lines of readLineGroups(path, LINES, BYTES)) {
    const outcome = await post(`${lines.join('\n')}\n`, lines.length);
    if (outcome.kind === 'retry') return false;
    if (outcome.kind === 'refused') {
      // The chain is broken from here on; what follows in the file would be refused or prove nothing.
      lose('refused', left);
      return true;
    }
    left -= lines.length;
  }
  return true;
}
