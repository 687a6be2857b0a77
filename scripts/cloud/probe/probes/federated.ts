import { report } from '@vantio/schema/queries/bigquery';
import { type Bindings, bind } from '@vantio/schema/queries/parameters';
import { type ComplianceQuery, spannerQuery } from '@vantio/schema/queries/read-query';
import { loadQueries } from '../../queries/load-queries.ts';
import { orCannotAct } from '../cannot-act.ts';
import { type Finding, findingsOf, type Outcome } from '../finding.ts';
import { type Answer, answerOf, inWords } from '../spanner/answer.ts';
import type { SpannerSession } from '../spanner/open-spanner.ts';
import { CannotActError, ROLE_OF } from '../subject.ts';
import { askBigQuery, type BigQueryAnswer } from './ask-big-query.ts';
import type { Context } from './context.ts';
import { plainCell } from './plain-cell.ts';

const PROBE = 'federated';
const found = findingsOf(PROBE);

/**
 * Every compliance query about the throw-away tenant, once through BigQuery and once on Spanner, both as the account that
 * asks them on a schedule. BigQuery keeps no order: rows are compared as a set with repetitions.
 */
export async function probeFederated(context: Context): Promise<Outcome> {
  const { subject } = context;
  const who = subject.nameOf('compliance');
  const all = (because: string): Outcome => ({
    findings: [found('not measured', 'BigQuery answers the compliance queries', because)],
    notes: [],
  });
  const spanner = await orCannotAct(subject.spannerAs('compliance'));
  if (spanner instanceof CannotActError) return all(spanner.message);
  const bigQuery = await orCannotAct(subject.bigQuery());
  if (bigQuery instanceof CannotActError) return all(bigQuery.message);
  const session = await answerOf(() => spanner.openSession(ROLE_OF.compliance));
  if (session.kind === 'failed') return all(`${who} on Spanner: ${inWords(session)}`);

  const bindings = bindingsOf(context);
  const findings: Finding[] = [];
  let answered = 0;
  let rows = 0;
  for (const query of loadQueries()) {
    const direct = await answerOf(() => onSpanner(session.value, query, bindings));
    const through = await askBigQuery(
      bigQuery,
      report(query, subject.connection, bindings),
      subject.connection.location,
    );
    findings.push(compare(query, direct, through));
    if (direct.kind === 'done' && direct.value.length > 0) answered++;
    if (direct.kind === 'done') rows += direct.value.length;
  }
  return {
    findings: [
      ...findings,
      found(
        answered > 0 ? 'proved' : 'not measured',
        'there were rows to compare',
        `${rows} rows, in the answers to ${answered} of ${findings.length} queries`,
      ),
    ],
    notes: [],
  };
}

/** Up to now, so that a record that comes on the way is in neither answer. */
function bindingsOf({ subject, sent }: Context): Bindings {
  const now = new Date();
  const instant = (time: Date): string => time.toISOString().replace(/Z$/, '000Z');
  return {
    tenantId: sent.tenantId,
    operatorTenantId: subject.operatorTenant,
    traceId: sent.traceId,
    range: { from: instant(new Date(now.getTime() - 400 * 86_400_000)), to: instant(now) },
  };
}

const onSpanner = (session: SpannerSession, query: ComplianceQuery, bindings: Bindings) =>
  session.query(bind(spannerQuery(query), bindings));

function compare(
  { name, columns }: ComplianceQuery,
  direct: Answer<readonly (readonly unknown[])[]>,
  through: BigQueryAnswer,
): Finding {
  const claim = `BigQuery answers ${name} as Spanner does`;
  if (direct.kind === 'failed') return found('not measured', claim, `Spanner: ${inWords(direct)}`);
  if (through.kind !== 'rows')
    return found(
      through.kind === 'refused' ? 'refuted' : 'not measured',
      claim,
      `BigQuery: ${through.said}`,
    );
  const text = (cellOf: (index: number) => unknown): string =>
    JSON.stringify(columns.map(({ type }, index) => plainCell(type, cellOf(index))));
  const ours = direct.value.map((row) => text((index) => row[index])).sort();
  const theirs = through.rows.map((row) => text((index) => row[columns[index]?.name ?? ''])).sort();
  if (ours.length !== theirs.length)
    return found('refuted', claim, `${theirs.length} rows, and Spanner ${ours.length}`);
  if (ours.length === 0)
    return found('proved', `BigQuery takes ${name}`, 'no row there, and none on Spanner');
  const other = ours.filter((row, index) => row !== theirs[index]).length;
  return other > 0
    ? found('refuted', claim, `${other} of ${ours.length} rows differ from Spanner's`)
    : found('proved', claim, `the same ${ours.length} rows`);
}
