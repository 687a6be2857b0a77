import { createEventIds } from '../event-id.ts';
import { microsFromInstant } from '../instant.ts';
import { sessionIdOf } from '../session-id.ts';
import { fixedBytes } from './fixed-keys.ts';

type Sequence = {
  readonly name: string;
  /** An id of the session that stands before the first, where there is one. */
  readonly after?: string;
  readonly occurred_at: readonly string[];
};

const SESSION = sessionIdOf(fixedBytes('event ids'));
const second = (text: string): string => `2026-01-02T03:04:${text}Z`;

const SEQUENCES: readonly Sequence[] = [
  {
    name: 'a clock that goes forward',
    occurred_at: [second('05.000000'), second('05.001000'), second('59.999999')],
  },
  {
    name: 'several in a millisecond',
    occurred_at: [second('05.000000'), second('05.000001'), second('05.000999')],
  },
  {
    name: 'a clock that goes back, and forward again',
    occurred_at: [
      second('05.000000'),
      second('04.000000'),
      second('05.000000'),
      second('05.001000'),
    ],
  },
  {
    name: 'a clock before 1970',
    occurred_at: [
      '1969-12-31T23:59:59.999999Z',
      '1970-01-01T00:00:00.000000Z',
      '1970-01-01T00:00:00.001000Z',
    ],
  },
  {
    name: 'a counter that crosses the variant',
    after: `019b7ca9-8c88-7000-bfff-${SESSION.slice(0, 12)}`,
    occurred_at: [second('05.000000'), second('05.000000')],
  },
  {
    name: 'a counter past its end',
    after: `019b7ca9-8c88-7fff-bfff-${SESSION.slice(0, 12)}`,
    occurred_at: [
      second('05.000000'),
      second('05.000000'),
      second('05.001000'),
      second('05.002000'),
    ],
  },
  {
    name: 'a counter past its end, and a clock that has gone on',
    after: `019b7ca9-8c88-7fff-bfff-${SESSION.slice(0, 12)}`,
    occurred_at: [second('05.001000')],
  },
];

/** The ids that one session gives to records of these times, in this order. */
export const eventIdsOf = (sessionId: string, { after, occurred_at }: Omit<Sequence, 'name'>) => {
  const next = createEventIds(sessionId, after);
  return occurred_at.map((instant) => next(Math.floor(microsFromInstant(instant) / 1000)));
};

export const eventIdVectors = () =>
  SEQUENCES.map(({ name, ...sequence }) => ({
    name,
    session_id: SESSION,
    ...sequence,
    event_ids: eventIdsOf(SESSION, sequence),
  }));
