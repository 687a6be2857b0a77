import { recordHash } from '@vantio/schema/hash';
import type { SoundLine } from '../import/read-sound-lines.ts';
import type { VerifyOutcome } from '../verify/outcome.ts';

/** Two writers may have taken one batch: verify calls that a conflict. Holds the RecordHashes of such sessions alone. */
export function* eachRecordOnce(
  lines: Iterable<SoundLine>,
  { sessions }: Pick<VerifyOutcome, 'sessions'>,
): Generator<SoundLine> {
  const repeating = repeatingSessions({ sessions });
  const seen = new Set<string>();
  for (const line of lines) {
    if (repeating.has(line.parsed.record.session_id)) {
      const hash = recordHash(line.parsed.canonical);
      if (seen.has(hash)) continue;
      seen.add(hash);
    }
    yield line;
  }
}

/** Sessions in which a record may stand in more than one line. */
export const repeatingSessions = ({
  sessions,
}: Pick<VerifyOutcome, 'sessions'>): ReadonlySet<string> =>
  new Set(
    sessions.filter(({ words }) => words.includes('conflict')).map(({ sessionId }) => sessionId),
  );
