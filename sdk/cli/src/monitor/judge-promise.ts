import { microsFromInstant } from '@vantio/schema';
import type { Receipt } from '@vantio/schema/receipt';

/** A checkpoint, and when pinned witnesses cosigned it: seconds since the epoch. */
export type Witnessed = { readonly size: number; readonly times: readonly number[] };

/** What the log's own proof says of a record: its leaf, and the checkpoint that the proof leads to; undefined: none was given. */
export type Proved = { readonly index: number; readonly checkpoint: Witnessed } | undefined;

export type Judgement = {
  readonly verdict: 'kept' | 'broken' | 'unmeasured';
  readonly reason: string;
};

/**
 * Judges a promise by witnesses' clocks alone: schema/log.md, section 4.
 * @param proofs one for each record that the receipt names, each already verified.
 * @param newest the log's newest checkpoint.
 */
export function judgePromise(
  receipt: Receipt,
  proofs: readonly Proved[],
  newest: Witnessed,
): Judgement {
  const mergeBy = microsFromInstant(receipt.merge_by) / 1e6;
  const known = [newest, ...proofs.flatMap((proof) => proof?.checkpoint ?? [])];
  const covers = ({ size }: Witnessed): boolean =>
    proofs.every((proof) => proof !== undefined && proof.index < size);
  const isTimely = (time: number): boolean => time <= Math.ceil(mergeBy);
  if (known.some((each) => covers(each) && each.times.some(isTimely)))
    return { verdict: 'kept', reason: 'a witness cosigned a checkpoint that covers it in time' };
  if (known.some((each) => !covers(each) && each.times.some((time) => time > mergeBy)))
    return {
      verdict: 'broken',
      reason: 'a witness cosigned a checkpoint after merge_by that does not cover it',
    };
  return {
    verdict: 'unmeasured',
    reason: proofs.includes(undefined)
      ? 'the log gives no proof of a record, and no pinned witness says whether its time has passed'
      : 'its records are in the log, but no pinned witness says since when',
  };
}
