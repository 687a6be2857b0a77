import type { KeySummary } from '@vantio/schema/verify/log/handovers';
import type { LogReport } from '@vantio/schema/verify/log/log-report';
import { formatCount, plural } from '../terminal/quantities.ts';
import type { Screen } from '../terminal/screen.ts';

/** One line for a log, and one for its receipts if there are any. */
export function* renderLog(log: LogReport, { paint, safe }: Screen): Iterable<string> {
  const { name, origin, size, words, failed, promises } = log;
  const colour = failed.length > 0 ? 'red' : words[0] === 'verified' ? 'green' : 'yellow';
  yield `log ${safe(origin ?? name)}  ${size === undefined ? 'no checkpoint' : plural(size, 'leaf', 'leaves')}  ${paint(colour, words.join(', '))}`;
  yield* log.keys.map((key) => `log key ${keyWords(key)}`);
  const { kept, broken, unmeasured } = promises;
  if (kept + broken + unmeasured > 0)
    yield `receipts: promises kept ${formatCount(kept)}, broken ${formatCount(broken)}, unmeasured ${formatCount(unmeasured)}`;
}

/** What a key of a log signed, and what became of it. */
export function keyWords({ keyId, first, last, revokedAt }: KeySummary): string {
  const began = first === 0 ? '' : `took over at size ${first}`;
  const ended = last === undefined ? 'in charge' : `handed over at size ${last}`;
  const revoked =
    revokedAt === undefined
      ? ''
      : `revoked by entry ${revokedAt}, which says nothing against what it signed before`;
  return `${keyId}  ${[began, ended, revoked].filter(Boolean).join(', ')}`;
}
