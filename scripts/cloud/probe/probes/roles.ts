import { orCannotAct } from '../cannot-act.ts';
import { findingsOf, type Outcome } from '../finding.ts';
import { answerOf, inWords } from '../spanner/answer.ts';
import { probeRole } from '../spanner/probe-role.ts';
import { type Account, type Actor, CannotActError, ROLE_OF } from '../subject.ts';
import type { Context } from './context.ts';

const PROBE = 'roles';
const found = findingsOf(PROBE);

/**
 * Every database role but the writer's. A session under a role has that role's rights alone, whoever opens it
 * (https://cloud.google.com/spanner/docs/access-with-fgac): where no account has a role, the owner takes it.
 */
export async function probeRoles(context: Context): Promise<Outcome> {
  const roles = context.grants.roles.filter((role) => role !== ROLE_OF.writer);
  const outcomes: Outcome[] = [];
  for (const role of roles) outcomes.push(await probe(context, role));
  return {
    findings: outcomes.flatMap(({ findings }) => findings),
    notes: outcomes.flatMap(({ notes }) => notes),
  };
}

async function probe(context: Context, role: string): Promise<Outcome> {
  const { subject, grants, tables, control } = context;
  const actor = holderOf(role);
  const who = `${subject.nameOf(actor)} as ${role}`;
  const spanner = await orCannotAct(subject.spannerAs(actor));
  if (spanner instanceof CannotActError) {
    const claim = `${who} may do what it is granted, and nothing else`;
    return { findings: [found('not measured', claim, spanner.message)], notes: [] };
  }
  const session = await answerOf(() => spanner.openSession(role));
  if (session.kind === 'failed') {
    const verdict = session.code === 'PERMISSION_DENIED' ? 'refuted' : 'not measured';
    return { findings: [found(verdict, `${who} may open a session`, inWords(session))], notes: [] };
  }
  const options = { probe: PROBE, who, role, control, grants, tables } as const;
  return probeRole({ ...options, session: session.value });
}

const holderOf = (role: string): Actor =>
  (Object.keys(ROLE_OF) as Account[]).find((account) => ROLE_OF[account] === role) ?? 'owner';
