import type { Commit } from './insert-rows.ts';

/** Something about a commit timestamp that should not be. */
export type TimestampFinding =
  /** The commit began after another had been answered, and yet its timestamp is not later. */
  | { readonly kind: 'commit_order' }
  /** The database's time lay outside of the call, by this process's clock: which of the two is wrong it does not say. */
  | { readonly kind: 'clock_skew'; readonly skew_millis: number };

export type CheckedCommitOptions = {
  readonly commit: Commit;
  readonly onFinding: (finding: TimestampFinding) => void;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
};

const MAX_SKEW_MILLIS = 1000;
const FINDING_MILLIS = 60_000;

/**
 * Holds each commit timestamp that the database answers with to what a blind writer knows: commits that follow one another
 * have rising timestamps, as TrueTime promises, and each lies within its call. The rows are stored by then, so a finding is
 * told and changes nothing. That the rows hold that very timestamp the writer cannot see: it gives the placeholder, and the
 * sealer looks for rows that came with a time of the past.
 */
export function createCheckedCommit(options: CheckedCommitOptions): Commit {
  const { commit, onFinding, now = Date.now } = options;
  let latest = '';
  let toldAt = Number.NEGATIVE_INFINITY;
  return async (inserts) => {
    const [before, began] = [latest, now()];
    const timestamp = await commit(inserts);
    const ended = now();
    if (timestamp <= before) onFinding({ kind: 'commit_order' });
    if (timestamp > latest) latest = timestamp;
    const at = Date.parse(timestamp);
    const skew = at < began ? at - began : Math.max(at - ended, 0);
    // A clock that is wrong is wrong in every commit.
    if (Math.abs(skew) > MAX_SKEW_MILLIS && Math.abs(ended - toldAt) >= FINDING_MILLIS) {
      toldAt = ended;
      onFinding({ kind: 'clock_skew', skew_millis: skew });
    }
    return timestamp;
  };
}
