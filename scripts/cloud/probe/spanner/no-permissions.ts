import { type Finding, findingsOf, type ProbeName } from '../finding.ts';
import { type Answer, answerOf, inWords } from './answer.ts';
import type { Spanner } from './open-spanner.ts';

/** With any of these the rights that are probed otherwise could be taken: by whoever may give rights, or end the ledger. */
const TOO_MUCH = [
  'spanner.databases.drop',
  'spanner.databases.setIamPolicy',
  'spanner.databases.updateDdl',
] as const;

export type PermissionCheck = (probe: ProbeName, who: string, spanner: Spanner) => Promise<Finding>;

/** Asks IAM, which does nothing; the owner must hold all, or a misspelt name would be held by nobody. */
export function createPermissionCheck(owner: Spanner): PermissionCheck {
  let control: Promise<Answer<readonly string[]>> | undefined;
  return async (probe, who, spanner) => {
    const found = findingsOf(probe);
    const claim = `${who} may not drop the database, change its schema, or who may use it`;
    const held = await answerOf(() => spanner.heldPermissions(TOO_MUCH));
    if (held.kind === 'failed') return found('not measured', claim, inWords(held));
    if (held.value.length > 0)
      return found('refuted', claim, `IAM: it holds ${held.value.join(', ')}`);
    control ??= answerOf(() => owner.heldPermissions(TOO_MUCH));
    const all = await control;
    if (all.kind === 'failed') return found('not measured', claim, `the owner: ${inWords(all)}`);
    const lacking = TOO_MUCH.filter((name) => !all.value.includes(name));
    return lacking.length > 0
      ? found('not measured', claim, `the owner does not hold ${lacking.join(', ')} either`)
      : found('proved', claim, 'IAM: it holds none of the three permissions, the owner all');
  };
}
