import type { Checkpoint } from '@vantio/schema/tlog/checkpoint';
import { termsIn } from './follow-keys.ts';
import { judgeStep, openStep, type Refusal, type Step, type Verdict } from './judge-step.ts';
import { type Seen, type State, seenOf } from './state.ts';
import type { LogKey } from './verifier-keys.ts';
import type { Cosigner } from './witness-key.ts';

export type Cosigned = {
  readonly verdict: 'cosigned';
  readonly checkpoint: Checkpoint;
  readonly line: string;
};

export type Considered =
  | Cosigned
  | Exclude<Verdict, { verdict: 'cosign' } | Refusal>
  | (Refusal & {
      /** Undefined: it is not of a log that is known. */
      readonly checkpoint: Checkpoint | undefined;
      readonly seen: Seen | undefined;
    });

export type Witness = {
  /** Judges a checkpoint and, if it goes on from what was seen, remembers it and cosigns it. */
  readonly consider: (bytes: string, step?: Pick<Step, 'old' | 'proof'>) => Considered;
};

export type WitnessOptions = {
  readonly logs: readonly LogKey[];
  readonly state: State;
  readonly cosigner: Cosigner;
  /** Whether somebody must look at an alarm of this log before it is cosigned again. */
  readonly isBarred: (origin: string) => boolean;
  /** Seconds since the epoch. */
  readonly now: () => number;
};

/**
 * A witness of logs. Nothing in `consider` is awaited, so that of two checkpoints that come at once the second is judged by
 * what the first left.
 */
export const createWitness = ({
  logs,
  state,
  cosigner,
  isBarred,
  now,
}: WitnessOptions): Witness => ({
  consider: (bytes, step = {}) => {
    const opened = openStep(bytes, (origin) => termsIn(logs, state, origin));
    if ('verdict' in opened) return { ...opened, checkpoint: undefined, seen: undefined };
    const { seen, failingSince, rotations } = state.read(opened.origin);
    const judged = judgeStep({ ...step, seen, checkpoint: opened });
    if (judged.verdict === 'prove') return judged;
    if (judged.verdict === 'refuse') return { ...judged, checkpoint: opened, seen };
    if (isBarred(opened.origin)) return { ...BARRED, checkpoint: opened, seen };
    // Durable before there is a signature: whoever restarts from this state cannot cosign another tree of that size.
    if (seen?.size !== opened.size || failingSince !== undefined)
      state.save(opened.origin, {
        seen: seenOf(opened, bytes),
        failingSince: undefined,
        rotations,
      });
    return {
      verdict: 'cosigned',
      checkpoint: opened,
      line: cosigner.cosign(opened.note.text, now()),
    };
  },
});

const BARRED = {
  verdict: 'refuse',
  fault: 'barred',
  says: 'an alarm of this log stands, and nobody has moved it away yet',
} as const;
