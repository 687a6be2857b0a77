import type { CheckName } from '@vantio/schema';

/** What each check holds, in a line for somebody who has not read the specification. */
export const CHECK_MEANINGS: Readonly<Record<CheckName, string>> = {
  form: 'Each line is a record of the specified form, byte for byte.',
  mac: 'The MAC of each record holds under a named API key.',
  received_mac:
    'Each line follows the one before it, and its time of receipt is the one written then.',
  tenant: 'Record and API key name the same tenant.',
  chain: 'The records of a session follow one another by their hashes.',
  gap: 'No record of a session is missing.',
  conflict: 'No place in a session is taken twice.',
  session_signature: "The signatures of each session's key hold.",
  origin: "A pinned session root certifies each session's key.",
  head: 'The records that the user pinned are there.',
  tail: 'Something pins the end of each session.',
  after_end: 'Nothing follows the end of a session.',
  segment: 'Rotated files, where there are any, are those that were closed.',
  disclosure: 'Disclosed values, where there are any, are those that were committed.',
  torn: 'Each file ends after a whole line.',
  log_checkpoint: "The log's checkpoints are signed by its key, and are of this ledger.",
  log_tile: 'Every tile and bundle of the Merkle tree is there, with its right length.',
  log_root: 'The tiles make one another, and the root that was signed.',
  log_leaf: 'Each line of the ledger is the entry of the log at its index, and hashes to its leaf.',
  log_size: 'The ledger has every line that was sealed, and what is not sealed is told.',
  log_consistency: 'Each earlier checkpoint is the beginning of the newest.',
  log_cosignature: 'The cosignatures of pinned witnesses hold.',
  receipt: 'Receipts are signed by the log, and its promises were kept by the clock of a witness.',
  clock: 'No line came in later than a witness had it.',
};
