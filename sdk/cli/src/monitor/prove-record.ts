import { parseLedgerLine, recordHash } from '@vantio/schema';
import { parseLogEntry } from '@vantio/schema/log-entry';
import { LOCAL_ORIGIN } from '@vantio/schema/promise-fault';
import type { Checkpoint } from '@vantio/schema/tlog/checkpoint';
import { readCosignatures } from '@vantio/schema/tlog/cosignature';
import { type KeyTerm, signersOf } from '@vantio/schema/tlog/key-terms';
import type { NoteKey } from '@vantio/schema/tlog/note-keys';
import { TlogError } from '@vantio/schema/tlog/tlog-error';
import { parseTlogProof, verifyTlogProof } from '@vantio/schema/tlog/tlog-proof';
import { leafHash } from '@vantio/schema/tlog/tree-hash';
import type { Proved, Witnessed } from './judge-promise.ts';

export type Pinned = {
  /** Keys of the log. */
  readonly log: readonly KeyTerm[];
  readonly witnesses: readonly NoteKey[];
};

/** When pinned witnesses cosigned a checkpoint. @throws {TlogError} if one of their lines does not hold. */
export const witnessed = (
  { size, note }: Pick<Checkpoint, 'size' | 'note'>,
  witnesses: readonly NoteKey[],
): Witnessed => ({
  size,
  times: readCosignatures(note, witnesses).map(({ time }) => time),
});

/**
 * Holds a proof, as the log gave it, to the pinned keys and to the record that a receipt names.
 * @throws {TlogError | EnvelopeError} if it proves something else, or nothing.
 */
export function proveRecord(text: string, hash: string, { log, witnesses }: Pinned): Proved {
  const proof = parseTlogProof(text);
  const entry = proof.extra ?? new Uint8Array();
  const checkpoint = verifyTlogProof(proof, leafHash(entry), log);
  signersOf(checkpoint.note, checkpoint, log);
  const row = Buffer.from(entry).toString('latin1');
  // An entry of local mode is a line of the ledger, one of cloud mode a row.
  const isLocal = checkpoint.origin.startsWith(LOCAL_ORIGIN);
  const { canonical } = isLocal ? parseLedgerLine(row) : parseLogEntry(row);
  if (recordHash(canonical) !== hash)
    throw new TlogError('bad_proof', 'the proof is of another record than the receipt names');
  return { index: proof.index, checkpoint: witnessed(checkpoint, witnesses) };
}
