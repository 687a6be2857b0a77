import type { Finding } from '@vantio/schema';
import { formatCount, plural } from '../terminal/quantities.ts';
import type { Screen } from '../terminal/screen.ts';
import type { SessionVerdict, VerifyOutcome } from './outcome.ts';
import { renderLog } from './render-log.ts';

export const DEFAULT_SHOWN = 50;

/** The report for a person, line by line. File names and fields of findings are somebody else's words: made safe. */
export function* renderOutcome(
  outcome: VerifyOutcome,
  screen: Screen,
  shown: number = DEFAULT_SHOWN,
): Iterable<string> {
  yield* renderSessions(outcome, screen, shown);
  for (const log of outcome.logs) yield* renderLog(log, screen);
  // Notes that a session's own line already says are not said twice.
  const findings = outcome.findings.filter(
    ({ severity, sessionId }) => severity === 'wrong' || sessionId === undefined,
  );
  for (const finding of findings.slice(0, shown)) yield renderFinding(finding, screen);
  const hidden = Math.max(0, findings.length - shown) + outcome.findingsOmitted;
  if (hidden > 0) yield screen.paint('dim', `and ${plural(hidden, 'more finding')}`);
  yield `files ${formatCount(outcome.files.length)}, sessions ${formatCount(outcome.sessions.length)}, records ${formatCount(outcome.records)}, verified ${formatCount(outcome.verified)}`;
  yield* renderValues(outcome);
  yield renderVerdict(outcome, screen);
}

function* renderSessions(
  { sessions }: VerifyOutcome,
  screen: Screen,
  shown: number,
): Iterable<string> {
  const worstFirst = [...sessions].sort((a, b) => Number(isSound(a)) - Number(isSound(b)));
  for (const session of worstFirst.slice(0, shown)) {
    const { sessionId, tenantId, source, records, words } = session;
    const colour = isSound(session) ? (words.length > 1 ? 'yellow' : 'green') : 'red';
    yield `session ${sessionId}  ${tenantId}  ${source}  ${plural(records, 'record')}  ${screen.paint(colour, words.join(', '))}`;
  }
  if (sessions.length > shown)
    yield screen.paint('dim', `and ${plural(sessions.length - shown, 'more session')}`);
}

const isSound = ({ words }: SessionVerdict): boolean => words[0] === 'verified';

function renderFinding(finding: Finding, { paint, safe }: Screen): string {
  const { check, severity, file, line, field, eventId, sessionId, message } = finding;
  const where = file === undefined ? '' : `${safe(file)}${line === undefined ? '' : `:${line}`}  `;
  const what = [
    eventId === undefined ? undefined : `event ${safe(eventId)}`,
    eventId === undefined && sessionId !== undefined ? `session ${sessionId}` : undefined,
    `${field === undefined ? '' : `${safe(field)} `}${message}`,
  ].filter((part) => part !== undefined);
  return `${where}${paint(severity === 'wrong' ? 'red' : 'yellow', check)}  ${what.join('  ')}`;
}

function* renderValues({ values }: VerifyOutcome): Iterable<string> {
  const counts = [
    ['disclosed', values.disclosed],
    ['erased', values.erased],
    ['missing', values.missing],
    ['without a disclosures file', values.notGiven],
  ] as const;
  const said = counts.filter(([, count]) => count > 0);
  if (said.length > 0)
    yield `committed values: ${said.map(([word, count]) => `${formatCount(count)} ${word}`).join(', ')}`;
}

function renderVerdict({ verdict, wrong, unmeasured }: VerifyOutcome, { paint }: Screen): string {
  const list = (counts: Readonly<Partial<Record<string, number>>>): string =>
    Object.entries(counts)
      .map(([check, count]) => `${formatCount(count ?? 0)} ${check}`)
      .join(', ');
  const notes = Object.keys(unmeasured).length > 0 ? ` (unmeasured: ${list(unmeasured)})` : '';
  if (verdict === 'rejected') return `${paint('red', 'rejected')}: ${list(wrong)}${notes}`;
  return `${paint('green', 'verified')}${notes === '' ? '' : ' with notes'}${notes}`;
}
