import type { LedgerRows } from '@vantio/schema/spanner/ledger-row';
import { orCannotAct } from '../cannot-act.ts';
import { type Finding, findingsOf, type Outcome } from '../finding.ts';
import { answerOf, codeOf, inWords } from '../spanner/answer.ts';
import type { SpannerSession } from '../spanner/open-spanner.ts';
import { probeRole } from '../spanner/probe-role.ts';
import { NOW, type Row } from '../spanner/values.ts';
import { CannotActError } from '../subject.ts';
import type { Context } from './context.ts';
import { createLedgerReader } from './ledger-reader.ts';

const PROBE = 'insert-only';
const ROLE = 'ledger_writer';
const found = findingsOf(PROBE);

/** The writer's account, as its role: it can insert, and that is all it can. */
export async function probeInsertOnly(context: Context): Promise<Outcome> {
  const { subject, grants, tables, control, checkDdl } = context;
  const who = `${subject.nameOf('writer')} as ${ROLE}`;
  const claim = `${who} may insert and do nothing else`;
  const writer = await orCannotAct(subject.spannerAs('writer'));
  if (writer instanceof CannotActError)
    return { findings: [found('not measured', claim, writer.message)], notes: [] };
  const session = await answerOf(() => writer.openSession(ROLE));
  if (session.kind === 'failed') {
    const verdict = session.code === 'PERMISSION_DENIED' ? 'refuted' : 'not measured';
    return { findings: [found(verdict, `${who} may open a session`, inWords(session))], notes: [] };
  }
  const inserted = await insertForReal(session.value, context, who);
  const options = { probe: PROBE, who, role: ROLE, control, grants, tables } as const;
  const { findings, notes } = await probeRole({ ...options, session: session.value });
  const ddl = await checkDdl(PROBE, subject.nameOf('writer'), writer);
  const works = inserted.every(({ verdict }) => verdict === 'proved');
  return {
    findings: [...inserted, ...findings.map(works ? same : unlessProved), ddl],
    notes: [
      ...notes,
      ...(works ? [`${context.rows.length} records of a probe session stay in the ledger`] : []),
    ],
  };
}

/** A sealed session, inserted as the writer does it, read by the owner, and inserted once more. */
async function insertForReal(
  session: SpannerSession,
  { rows, owner }: Context,
  who: string,
): Promise<readonly Finding[]> {
  const inserts = rows.flatMap(insertsOf);
  const insert = () => answerOf(() => session.insert(inserts));
  const first = await insert();
  const wrote = `${who} inserts records and their disclosures`;
  if (first.kind === 'failed')
    return [
      found(first.code === 'PERMISSION_DENIED' ? 'refuted' : 'not measured', wrote, inWords(first)),
    ];
  const read = await answerOf(() => readBack(owner, rows));
  const again = await insert();
  return [
    read.kind === 'failed'
      ? found('not measured', wrote, `the owner could not read them: ${inWords(read)}`)
      : found(
          read.value === rows.length ? 'proved' : 'refuted',
          wrote,
          `the owner reads ${read.value} of ${rows.length} records with the same bytes`,
        ),
    found(
      codeOf(again) === 'ALREADY_EXISTS'
        ? 'proved'
        : again.kind === 'done'
          ? 'refuted'
          : 'not measured',
      `${who} is told of a record that is there already`,
      inWords(again),
    ),
  ];
}

const insertsOf = ({ ledger, disclosures }: LedgerRows): (readonly [string, Row])[] => [
  ['TrueTimeLedger', { ...ledger, CommitTimestamp: NOW }],
  ...disclosures.map((row): readonly [string, Row] => [
    'Disclosures',
    { ...row, CommitTimestamp: NOW },
  ]),
];

async function readBack(owner: Context['owner'], rows: readonly LedgerRows[]): Promise<number> {
  const [first] = rows;
  const sessionId = (JSON.parse(first?.ledger.Record ?? '{}') as { session_id: string }).session_id;
  const stored = await createLedgerReader(owner)(first?.ledger.TenantId ?? '', sessionId);
  return rows.filter(({ ledger }) => stored.get(ledger.RecordHash) === ledger.Record).length;
}

const same = (finding: Finding): Finding => finding;

const unlessProved = (finding: Finding): Finding =>
  finding.verdict === 'proved'
    ? {
        ...finding,
        verdict: 'not measured',
        because: `no real INSERT was seen to succeed, so this refusal may be that of everything; ${finding.because}`,
      }
    : finding;
