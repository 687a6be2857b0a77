import type { Finding } from '../finding.ts';
import { findingsOf, type ProbeName } from '../finding.ts';
import { type Answer, answerOf } from './answer.ts';
import { judge } from './judge.ts';
import type { Spanner } from './open-spanner.ts';

/** A schema change that changes nothing: there is no such table. */
const NOTHING = 'DROP TABLE IF EXISTS VantioProbeHasNoSuchTable';

export type DdlCheck = (probe: ProbeName, who: string, spanner: Spanner) => Promise<Finding>;

/** Whether somebody may change the schema; the owner's same statement is run once. */
export function createDdlCheck(owner: Spanner): DdlCheck {
  let control: Promise<Answer<unknown>> | undefined;
  return async (probe, who, spanner) => {
    const asked = await answerOf(() => spanner.updateDdl(NOTHING));
    control ??= answerOf(() => owner.updateDdl(NOTHING));
    const { kind, because } = judge(['OK'], await control, asked);
    const verdict = kind === 'refused' ? 'proved' : kind === 'allowed' ? 'refuted' : 'not measured';
    return findingsOf(probe)(verdict, `${who} is refused: DDL`, because);
  };
}
