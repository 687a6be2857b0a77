/** Exit codes of every command but `run`, which exits as its program does. They are part of the interface. */
export const EXIT = {
  ok: 0,
  /** What was looked at is wrong: a rejected ledger, a failed check of `doctor`. */
  wrong: 1,
  /** Wrong arguments, or a file or server that could not be read. */
  usage: 2,
  /** What `witness` raised an alarm for. */
  fork: 3,
  rollback: 4,
  otherKey: 5,
  otherOrigin: 6,
  silence: 7,
  /** As shells have it: found but not executable, and not found. */
  notExecutable: 126,
  notFound: 127,
} as const;
