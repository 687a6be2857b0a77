import type { Finding } from '../finding.ts';

export type Report = (finding: Finding) => void;

/** Memory that one large file after another is read into: what was there before is gone then. */
export type Scratch = { bytes: Uint8Array };

/** The files of one log, as a verifier asks for them. All of them may be an attacker's. */
export type LogFiles = {
  /** The name that findings give a file of the log. */
  readonly nameOf: (path: string) => string;
  /**
   * The whole file; undefined if there is none, 'over' if it has more bytes than that.
   * @param scratch where its bytes may be put.
   */
  readonly read: (
    path: string,
    maxBytes: number,
    scratch?: Scratch,
  ) => Uint8Array | 'over' | undefined;
  /** Widths of the partial forms that lie beside a tile or bundle, in any order. */
  readonly partialWidths: (fullPath: string) => readonly number[];
  /** The sizes that files of `checkpoints/` are named after, ascending. */
  readonly checkpointSizes: () => Float64Array;
  /** The same of `cosignatures/`. */
  readonly cosignatureSizes: () => Float64Array;
};

/** No note is longer; see `parseNote`. */
export const MAX_NOTE_BYTES = 1_000_000;
