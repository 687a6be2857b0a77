import type { CheckName } from '@vantio/schema';
import type { SoundLine } from '../import/read-sound-lines.ts';
import type { LedgerFile } from '../ledger/ledger-family.ts';
import type { VerifyOutcome } from '../verify/outcome.ts';

/** A ledger that verifies, to be written in another form. Whatever reads it streams: nothing holds all of it. */
export type Source = {
  readonly files: readonly LedgerFile[];
  readonly outcome: VerifyOutcome;
  /** What the user took although verify finds it wrong. */
  readonly accepted: readonly CheckName[];
  /** Every line, in file order. */
  readonly lines: () => Iterable<SoundLine>;
  /** The same, but a record that stands in several lines only by the first of them. */
  readonly records: () => Iterable<SoundLine>;
};

/** What was made, for a person and for `--json`. */
export type Made = {
  readonly lines: readonly string[];
  readonly json: object;
};
