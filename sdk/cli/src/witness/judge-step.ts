import {
  type Checkpoint,
  parseCheckpointText,
  type TreeHead,
} from '@vantio/schema/tlog/checkpoint';
import { type KeyTerm, signersOf } from '@vantio/schema/tlog/key-terms';
import { type Note, parseNote, verifyNote } from '@vantio/schema/tlog/note';
import { TlogError } from '@vantio/schema/tlog/tlog-error';
import { equalHashes } from '@vantio/schema/tlog/tree-hash';
import { verifyConsistency } from '@vantio/schema/tlog/verify-proof';

/** Why a checkpoint is not cosigned. */
export type Fault =
  /** It is no checkpoint. */
  | 'malformed'
  /** It is of a log whose key was not named. */
  | 'other_origin'
  /** It is not signed by the log's key. */
  | 'other_key'
  /** An alarm of the log stands. */
  | 'barred'
  /** Whoever sent it takes another tree for the last one seen. */
  | 'old_size'
  | 'rollback'
  /** The log signed two trees of one size: both notes are evidence by themselves. */
  | 'fork'
  /** The proof leads to other roots. */
  | 'inconsistent'
  /** It is no proof between these sizes. */
  | 'bad_proof';

export type Refusal = { readonly verdict: 'refuse'; readonly fault: Fault; readonly says: string };

export type Verdict =
  | { readonly verdict: 'cosign'; readonly checkpoint: Checkpoint }
  /** Nothing can be said without the consistency proof between these sizes. */
  | { readonly verdict: 'prove'; readonly first: number; readonly second: number }
  | Refusal;

export type Step = {
  /** The last tree that was cosigned, or would have been; undefined: none yet. */
  readonly seen: TreeHead | undefined;
  readonly checkpoint: Checkpoint;
  /** The size that the sender of the checkpoint takes for the last one seen, where it says so. */
  readonly old?: number;
  /** Undefined: not asked for yet. */
  readonly proof?: readonly Uint8Array[];
};

/**
 * Holds what a log served to the keys that were named. It may be an attacker's.
 * @param termsOfLog the keys of the log of an origin, or none.
 * @returns the checkpoint of a log that is known, signed by those that were to.
 */
export function openStep(
  bytes: string,
  termsOfLog: (origin: string) => readonly KeyTerm[],
): Checkpoint | Refusal {
  let note: Note;
  let head: TreeHead;
  try {
    note = parseNote(bytes);
    head = parseCheckpointText(note.text);
  } catch (error) {
    return refuseFor(error, 'malformed');
  }
  const keys = termsOfLog(head.origin);
  if (keys.length === 0)
    return refuse('other_origin', 'the checkpoint is of another log than --vkey names');
  try {
    if (verifyNote(note, keys).length === 0)
      return refuse(
        'other_key',
        'the checkpoint is not signed by the key of the log that --vkey names',
      );
    signersOf(note, head, keys);
    return { ...head, note };
  } catch (error) {
    return refuseFor(error, 'other_key');
  }
}

/** Whether a witness that saw `seen` cosigns a checkpoint. It never does for a tree that does not go on from that one. */
export function judgeStep({ seen, checkpoint, old, proof }: Step): Verdict {
  const { size } = checkpoint;
  if (old !== undefined && old > size)
    return refuse('malformed', 'the old size is over that of the checkpoint');
  if (seen?.size === size && !equalHashes(seen.root, checkpoint.root))
    return refuse('fork', `the log signed two trees of size ${size}`);
  if (old !== undefined && old !== (seen?.size ?? 0))
    return refuse('old_size', `the last tree seen has ${seen?.size ?? 0} leaves`);
  if (seen !== undefined && size < seen.size)
    return refuse('rollback', `the log went back from size ${seen.size} to ${size}`);
  if (seen === undefined || seen.size === 0 || seen.size === size)
    return proof === undefined || proof.length === 0
      ? { verdict: 'cosign', checkpoint }
      : refuse('bad_proof', 'there is nothing to prove, and the proof has hashes');
  if (proof === undefined) return { verdict: 'prove', first: seen.size, second: size };
  try {
    verifyConsistency({ first: seen, second: checkpoint, hashes: proof });
    return { verdict: 'cosign', checkpoint };
  } catch (error) {
    if (!(error instanceof TlogError)) throw error;
    return error.code === 'inconsistent'
      ? refuse('inconsistent', `the tree of ${size} does not begin with the tree of ${seen.size}`)
      : refuse('bad_proof', error.message);
  }
}

const refuse = (fault: Fault, says: string): Refusal => ({ verdict: 'refuse', fault, says });

function refuseFor(error: unknown, fault: Fault): Refusal {
  if (!(error instanceof TlogError)) throw error;
  return refuse(fault, error.message);
}
