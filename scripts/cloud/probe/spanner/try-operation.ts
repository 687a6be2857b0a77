import { type Answer, answerOf, inWords } from './answer.ts';
import type { SpannerSession } from './open-spanner.ts';
import type { Operation } from './operations.ts';
import type { Table } from './tables.ts';

/**
 * Tries an operation in a session that may yet have to be opened. The errors that show a valid request, such as NOT_FOUND for
 * the row, are also those of a database that is gone or has lost its key; so one of them counts only if the same session
 * then answers a statement that touches nothing. If it does not, or there is no session, the code is UNKNOWN.
 */
export async function tryOperation(
  openSession: () => Promise<SpannerSession>,
  { attempt, understood }: Operation,
  table: Table,
): Promise<Answer<unknown>> {
  const session = await answerOf(openSession);
  if (session.kind === 'failed')
    return session.code === 'PERMISSION_DENIED' ? session : unknown('no session', session);
  const answer = await answerOf(() => attempt(session.value, table));
  if (answer.kind === 'done' || !understood.includes(answer.code)) return answer;
  const alive = await answerOf(() => session.value.query('SELECT 1'));
  return alive.kind === 'done' ? answer : unknown(`${answer.code}, and then to SELECT 1`, alive);
}

const unknown = (what: string, answer: Answer<unknown>): Answer<unknown> => ({
  kind: 'failed',
  code: 'UNKNOWN',
  said: `${what}: ${inWords(answer)}`,
});
