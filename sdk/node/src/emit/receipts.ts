import { appendFileSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { debug } from '../context/debug.ts';
import type { Post } from './post.ts';
import type { Spool } from './spool.ts';

/** Of the file that is written; the one before it is kept as well, and no third. */
const MAX_BYTES = 8 * 1024 * 1024;

export const RECEIPTS = 'receipts.ndjson';
export const OLDER_RECEIPTS = 'receipts.1.ndjson';

/**
 * Keeps what the control plane promises for each batch, a line each, in the key's spool directory: `vantio verify --receipts`
 * judges it. A receipt that cannot be kept is let go; the records are stored all the same.
 */
export const keepReceipts =
  (post: Post, spool: Pick<Spool, 'open'>): Post =>
  async (body, records) => {
    const outcome = await post(body, records);
    if (outcome.kind === 'stored' && outcome.receipt !== undefined) keep(outcome.receipt, spool);
    return outcome;
  };

function keep(receipt: string, spool: Pick<Spool, 'open'>): void {
  try {
    const path = join(spool.open(), RECEIPTS);
    if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) + receipt.length > MAX_BYTES)
      renameSync(path, join(spool.open(), OLDER_RECEIPTS));
    appendFileSync(path, `${receipt}\n`, { mode: 0o600 });
  } catch (error) {
    debug('a receipt cannot be kept', error);
  }
}
