import type { CheckName, Finding } from '../finding.ts';
import type { KeySummary } from './handovers.ts';
import type { PromiseCounts } from './promises.ts';
import type { WitnessSummary } from './witnesses.ts';

export type LogSummary = {
  readonly name: string;
  /** Of the newest checkpoint, as are size and root; undefined if none holds. */
  readonly origin?: string;
  readonly size?: number;
  /** Base64. */
  readonly root?: string;
  /** Of the key that signed it; undefined if nobody knows. */
  readonly keyId?: string;
  readonly isPinned: boolean;
  /** Of a log whose key handed over or was revoked: all that it has had, in their order. */
  readonly keys: readonly KeySummary[];
  /** Lines of the ledger. */
  readonly lines: number;
  /** Those after the newest checkpoint. */
  readonly unsealed: number;
  /** What was held to the tree. */
  readonly checkpoints: number;
  readonly tiles: number;
  readonly bundles: number;
  /** Pinned witnesses that cosigned the newest checkpoint. */
  readonly witnessedBy: number;
  readonly witnesses: readonly WitnessSummary[];
  readonly promises: PromiseCounts;
  /** Checks that failed. */
  readonly failed: readonly CheckName[];
};

export type LogReport = LogSummary & {
  /** What holds or fails of the log: *verified*, *unsealed*, *unwitnessed*, *witnessed by N*, *log key not pinned*. */
  readonly words: readonly string[];
};

/** *Verified* is a log whose newest checkpoint a pinned key and a pinned witness signed. */
export function logWords(log: LogSummary): readonly string[] {
  const { size, failed, isPinned, witnessedBy, unsealed } = log;
  const isVerified = failed.length === 0 && size !== undefined && isPinned && witnessedBy > 0;
  return [
    ...(isVerified ? ['verified'] : failed),
    ...(isPinned ? [] : ['log key not pinned']),
    witnessedBy > 0 ? `witnessed by ${witnessedBy}` : 'unwitnessed',
    ...(unsealed > 0 ? [`${unsealed} unsealed`] : []),
  ];
}

/** What of a log could not be checked, and why. */
export function* logNotes(log: LogSummary): Iterable<Finding> {
  const { name, size, isPinned, keyId, unsealed, witnessedBy, witnesses } = log;
  const note = (check: CheckName, message: string): Finding => ({
    check,
    severity: 'unmeasured',
    file: name,
    message,
  });
  if (size === undefined) return;
  if (!isPinned)
    yield note(
      'log_checkpoint',
      keyId === undefined
        ? 'log key not pinned: nobody knows who signed the checkpoint'
        : 'log key not pinned: the checkpoint was held to the key that lies beside it, which whoever made both could have made',
    );
  if (unsealed > 0)
    yield note(
      'log_size',
      `${unsealed} ${unsealed === 1 ? 'line is' : 'lines are'} unsealed: no checkpoint covers the end of the ledger yet`,
    );
  if (witnessedBy > 0) return;
  const before = witnesses.reduce((largest, each) => Math.max(largest, each.size ?? 0), 0);
  yield note(
    'log_cosignature',
    `unwitnessed: ${
      witnesses.length === 0
        ? 'no witness was pinned'
        : `no pinned witness cosigned the checkpoint of ${size} leaves${before > 0 ? `; the newest that one did has ${before}` : ''}`
    }`,
  );
}
