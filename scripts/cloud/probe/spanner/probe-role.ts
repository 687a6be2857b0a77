import { type Finding, findingsOf, type ProbeName, worstOf } from '../finding.ts';
import { inGroups } from '../in-groups.ts';
import type { Grants } from './grants.ts';
import { type Judgement, judge } from './judge.ts';
import type { SpannerSession } from './open-spanner.ts';
import { OPERATIONS, type Operation } from './operations.ts';
import type { Control } from './owner-control.ts';
import type { Table } from './tables.ts';
import { tryOperation } from './try-operation.ts';

export type RoleOptions = {
  readonly probe: ProbeName;
  /** For the report: who has the session, as which role. */
  readonly who: string;
  readonly role: string;
  readonly session: SpannerSession;
  readonly control: Control;
  readonly grants: Grants;
  readonly tables: readonly Table[];
};

type Seen = {
  readonly table: string;
  readonly expected: 'allowed' | 'refused' | 'open';
  readonly judgement: Judgement;
};

/** Every operation on every table, as one role: what the grants give it works, and all else is refused. */
export async function probeRole(
  options: RoleOptions,
): Promise<{ readonly findings: readonly Finding[]; readonly notes: readonly string[] }> {
  const { probe, who, session, control, tables } = options;
  const names = (all: readonly Seen[]): string => namesOf(all, tables);
  const found = findingsOf(probe);
  const seen = new Map<Operation, Seen[]>();
  for (const operation of OPERATIONS) {
    const all: Seen[] = [];
    for (const table of tables) {
      const asked = await tryOperation(async () => session, operation, table);
      const judgement = judge(operation.understood, await control(operation, table), asked);
      all.push({ table: table.name, expected: expected(options, operation, table), judgement });
    }
    seen.set(operation, all);
  }
  const works = [...seen.values()]
    .flat()
    .some(({ expected, judgement }) => expected === 'allowed' && judgement.kind === 'allowed');

  const findings = [...seen].flatMap(([{ name }, all]) => {
    const may = all.filter((one) => one.expected === 'allowed');
    const mayNot = all.filter((one) => one.expected === 'refused');
    return [
      ...(may.length === 0
        ? []
        : [found(verdictOf(may), `${who} may: ${name} on ${names(may)}`, reasonOf(may))]),
      ...(mayNot.length === 0
        ? []
        : [refusal(mayNot, works, `${who} is refused: ${name} on ${names(mayNot)}`)]),
    ];
  });
  const notes = [...seen].flatMap(([{ name }, all]) =>
    all
      .filter((one) => one.expected === 'open')
      .map(({ table, judgement }) => `${who}: ${name} on ${table}: ${judgement.kind}`),
  );
  return { findings, notes };

  function refusal(all: readonly Seen[], works: boolean, claim: string): Finding {
    const verdict = verdictOf(all);
    return verdict === 'proved' && !works
      ? found(
          'not measured',
          claim,
          "it is refused what it may do, too: nothing shows that these refusals are the role's",
        )
      : found(verdict, claim, reasonOf(all));
  }
}

function expected(
  { grants, role }: RoleOptions,
  { needs, openWithInsertOnly }: Operation,
  table: Table,
): Seen['expected'] {
  const may = needs(table).every((need) => grants.may(role, table.name, need));
  return may ? (openWithInsertOnly ? 'open' : 'allowed') : 'refused';
}

const verdictOf = (all: readonly Seen[]) =>
  worstOf(
    all.map(({ expected, judgement }) =>
      judgement.kind === 'unclear'
        ? 'not measured'
        : judgement.kind === expected
          ? 'proved'
          : 'refuted',
    ),
  );

const namesOf = (all: readonly Seen[], tables: readonly Table[]): string =>
  all.length === tables.length ? 'every table' : all.map(({ table }) => table).join(', ');

/** The tables that stand out; where none does, what all were answered. */
function reasonOf(all: readonly Seen[]): string {
  const other = all.filter(({ expected, judgement }) => judgement.kind !== expected);
  const told = other.length > 0 ? other : all;
  return inGroups(told.map(({ table, judgement }) => [table, judgement.because]));
}
