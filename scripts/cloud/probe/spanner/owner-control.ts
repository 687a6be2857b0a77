import type { Answer } from './answer.ts';
import type { Spanner, SpannerSession } from './open-spanner.ts';
import type { Operation } from './operations.ts';
import type { Table } from './tables.ts';
import { tryOperation } from './try-operation.ts';

/** How the owner is answered to the same request. */
export type Control = (operation: Operation, table: Table) => Promise<Answer<unknown>>;

/** Asks as the owner under no role, each thing once: every role is held to the same answer. */
export function createControl(owner: Spanner): Control {
  let session: Promise<SpannerSession> | undefined;
  const answers = new Map<string, Promise<Answer<unknown>>>();
  return (operation, table) => {
    const key = `${operation.name}\n${table.name}`;
    const known = answers.get(key);
    if (known) return known;
    session ??= owner.openSession();
    const opened = session;
    const answer = tryOperation(() => opened, operation, table);
    answers.set(key, answer);
    return answer;
  };
}
