import { orCannotAct } from '../cannot-act.ts';
import { type Finding, findingsOf, type Outcome, worstOf } from '../finding.ts';
import { inGroups } from '../in-groups.ts';
import { type Judgement, judge } from '../spanner/judge.ts';
import type { Spanner, SpannerSession } from '../spanner/open-spanner.ts';
import { OPERATIONS, type Operation } from '../spanner/operations.ts';
import type { Table } from '../spanner/tables.ts';
import { tryOperation } from '../spanner/try-operation.ts';
import { ACCOUNTS, type Account, CannotActError, ROLE_OF } from '../subject.ts';
import type { Context } from './context.ts';

const PROBE = 'accounts';
const found = findingsOf(PROBE);

/** What an account could do to the ledger if it had a right of its own on the database. */
const WITHOUT_ROLE = ['SELECT', 'INSERT', 'UPDATE', 'DELETE'];

/** Each service account has its one database role, no other, no right without one, and no DDL. */
export async function probeAccounts(context: Context): Promise<Outcome> {
  const findings: Finding[] = [];
  for (const account of ACCOUNTS) findings.push(...(await probe(context, account)));
  return { findings, notes: [] };
}

async function probe(context: Context, account: Account): Promise<readonly Finding[]> {
  const { subject, grants } = context;
  const who = subject.nameOf(account);
  const spanner = await orCannotAct(subject.spannerAs(account));
  if (spanner instanceof CannotActError)
    return [found('not measured', `${who} has no right but that of its role`, spanner.message)];
  const own = ROLE_OF[account];
  const ways = grants.roles.map((role) => ({ role, way: wayOf(context, role) }));
  const isRole = own === undefined ? undefined : ways.find(({ role }) => role === own);
  return [
    ...(isRole ? [await mayBe(context, spanner, who, isRole)] : []),
    await mayNothing(context, spanner, who),
    await mayBeNoOther(
      context,
      spanner,
      who,
      ways.filter(({ role }) => role !== own),
    ),
    await context.checkDdl(PROBE, who, spanner),
    await context.checkPermissions(PROBE, who, spanner),
  ];
}

type Way = { readonly operation: Operation; readonly table: Table };
type RoleWay = { readonly role: string; readonly way: Way | undefined };

/** Something that a role may do: whoever may be that role may do it. */
function wayOf({ grants, tables }: Context, role: string): Way | undefined {
  for (const operation of OPERATIONS)
    for (const table of tables)
      if (operation.needs(table).every((need) => grants.may(role, table.name, need)))
        return { operation, table };
  return undefined;
}

const mayBe = async (
  context: Context,
  spanner: Spanner,
  who: string,
  roleWay: RoleWay,
): Promise<Finding> => {
  const { kind, because } = await asRole(context, spanner, roleWay);
  const verdict = kind === 'allowed' ? 'proved' : kind === 'refused' ? 'refuted' : 'not measured';
  return found(verdict, `${who} may be ${roleWay.role}`, because);
};

async function mayNothing(context: Context, spanner: Spanner, who: string): Promise<Finding> {
  let session: Promise<SpannerSession> | undefined;
  const judgements: (readonly [string, Judgement])[] = [];
  for (const operation of OPERATIONS.filter(({ name }) => WITHOUT_ROLE.includes(name)))
    for (const table of context.tables) {
      session ??= spanner.openSession();
      const opened = session;
      const asked = await tryOperation(() => opened, operation, table);
      const control = await context.control(operation, table);
      const judgement = judge(operation.understood, control, asked);
      judgements.push([`${operation.name} on ${table.name}`, judgement]);
    }
  return refusedAll(`${who} under no role is refused: ${WITHOUT_ROLE.join(', ')}`, judgements);
}

async function mayBeNoOther(
  context: Context,
  spanner: Spanner,
  who: string,
  others: readonly RoleWay[],
): Promise<Finding> {
  const judgements: (readonly [string, Judgement])[] = [];
  for (const other of others) judgements.push([other.role, await asRole(context, spanner, other)]);
  const names = others.map(({ role }) => role).join(', ');
  return refusedAll(`${who} may not be: ${names}`, judgements);
}

/** A role that does not exist is PERMISSION_DENIED as well: the owner, who may be any, shows that it does. */
async function asRole(
  { owner }: Context,
  spanner: Spanner,
  { role, way }: RoleWay,
): Promise<Judgement> {
  if (!way) return { kind: 'unclear', because: `${role} may do nothing that could be tried` };
  const { operation, table } = way;
  const ask = (each: Spanner) => tryOperation(() => each.openSession(role), operation, table);
  // One after the other: two transactions at a time could disturb each other.
  const control = await ask(owner);
  const asked = await ask(spanner);
  return judge(operation.understood, control, asked);
}

function refusedAll(claim: string, judgements: readonly (readonly [string, Judgement])[]): Finding {
  const verdict = worstOf(
    judgements.map(([, { kind }]) =>
      kind === 'refused' ? 'proved' : kind === 'allowed' ? 'refuted' : 'not measured',
    ),
  );
  const other = judgements.filter(([, { kind }]) => kind !== 'refused');
  const because =
    other.length === 0
      ? "PERMISSION_DENIED each time; the owner's same request was understood"
      : inGroups(other.map(([what, judgement]) => [what, judgement.because]));
  return found(verdict, claim, because);
}
