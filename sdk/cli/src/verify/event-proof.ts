import { EnvelopeError } from '@vantio/schema/envelope-error';
import { recordHash } from '@vantio/schema/hash';
import { parseLedgerLine } from '@vantio/schema/ledger-line';
import { parseLogEntry } from '@vantio/schema/log-entry';
import {
  type Cosignature,
  readCosignatures,
  type UnmeasuredCosignature,
  unmeasuredCosignatures,
} from '@vantio/schema/tlog/cosignature';
import { signersOf, termsOf } from '@vantio/schema/tlog/key-terms';
import { parseVerifierKey } from '@vantio/schema/tlog/note-keys';
import { openRotation } from '@vantio/schema/tlog/rotation';
import { TlogError } from '@vantio/schema/tlog/tlog-error';
import { parseTlogProof, verifyTlogProof } from '@vantio/schema/tlog/tlog-proof';
import { leafHash } from '@vantio/schema/tlog/tree-hash';

export type EventProofRequest = {
  /** A `tlog-proof` with the entry as its extra data, as the log's proof endpoint answers. */
  readonly proof: string;
  /** The event that it must be of. */
  readonly eventId: string;
  /** The log's verifier key that the user pinned. */
  readonly vkey: string;
  /** The log's rotation notes, from the first on: who pinned one of their keys follows to the others. */
  readonly rotations?: readonly string[];
  /** Verifier keys of witnesses that the user pinned. */
  readonly witnesses?: readonly string[];
};

export type EventProof =
  | { readonly verdict: 'rejected'; readonly reason: string }
  | {
      /** Verified is what a pinned witness cosigned, too. */
      readonly verdict: 'verified' | 'verified with notes';
      /** *verified*, *in the log*, *witnessed by N*, *unwitnessed*. */
      readonly words: readonly string[];
      readonly origin: string;
      readonly size: number;
      readonly index: number;
      /** Base64. */
      readonly root: string;
      readonly tenantId: string;
      readonly eventId: string;
      readonly recordHash: string;
      readonly receivedAt: string;
      readonly cosignatures: readonly Pick<Cosignature, 'witness' | 'time'>[];
      readonly unmeasuredCosignatures: readonly UnmeasuredCosignature[];
    };

/**
 * Holds the proof of one event to the keys that a user pinned. It says that the entry is in the log; of the entry itself only
 * that it is a record of that event id: MACs and chains are looked at by `verify`, and so is what the log's records say of its keys.
 * @throws {TlogError} if a key is none.
 */
export function judgeEvent(request: EventProofRequest): EventProof {
  const { vkey, rotations = [], witnesses = [] } = request;
  const logKey = parseVerifierKey(vkey);
  const pinned = witnesses.map(parseVerifierKey);
  try {
    const proof = parseTlogProof(request.proof);
    const entry = proof.extra ?? new Uint8Array();
    const terms = termsOf([logKey], rotations.map(openRotation));
    const checkpoint = verifyTlogProof(proof, leafHash(entry), terms);
    signersOf(checkpoint.note, checkpoint, terms);
    const { origin, size, root, note } = checkpoint;
    const { record, canonical, receivedAt } = readEntry(Buffer.from(entry).toString('latin1'));
    if (record.event_id !== request.eventId)
      throw new TlogError('bad_proof', 'the proof is of another event than was asked for');
    const cosignatures = readCosignatures(note, pinned);
    const isWitnessed = cosignatures.length > 0;
    return {
      verdict: isWitnessed ? 'verified' : 'verified with notes',
      words: isWitnessed
        ? ['verified', `witnessed by ${cosignatures.length}`]
        : ['in the log', 'unwitnessed'],
      origin,
      size,
      index: proof.index,
      root: Buffer.from(root).toString('base64'),
      tenantId: record.tenant_id,
      eventId: record.event_id,
      recordHash: recordHash(canonical),
      receivedAt,
      cosignatures: cosignatures.map(({ witness, time }) => ({ witness, time })),
      unmeasuredCosignatures: unmeasuredCosignatures(note, pinned),
    };
  } catch (error) {
    if (error instanceof TlogError) return { verdict: 'rejected', reason: error.message };
    if (error instanceof EnvelopeError)
      return { verdict: 'rejected', reason: `the entry is no record: ${error.message}` };
    throw error;
  }
}

/** An entry of a log in cloud mode, or a line of a ledger: schema/log.md, section 1. Records are ASCII. */
const readEntry = (text: string) =>
  text.startsWith('{"commit_timestamp":') ? parseLogEntry(text) : parseLedgerLine(text);
