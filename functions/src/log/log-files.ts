/** A file of a log: its path under the log's prefix, such as `tile/0/000`. */
export type LogFile = { readonly path: string; readonly bytes: Uint8Array };

/**
 * Where the files of one log are kept.
 *
 * Durability: what a call wrote is on durable storage when it resolves. A call that rejects may have written some of it.
 */
export type LogFiles = {
  /** Undefined when there is no such file. */
  readonly read: (path: string) => Promise<Uint8Array | undefined>;
  /** Writes files that are never changed again. One that is there with these very bytes is left; @throws for other bytes. */
  readonly writeOnce: (files: readonly LogFile[]) => Promise<void>;
  /** Puts a whole new file in the place of the old one, or leaves the old one. */
  readonly replace: (file: LogFile) => Promise<void>;
  /** Removes the partial forms of a full tile, if that is cheap; they may stay. */
  readonly dropPartials: (paths: readonly string[]) => Promise<void>;
};
