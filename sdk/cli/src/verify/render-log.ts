import type { LogReport } from '@vantio/schema/verify/log/log-report';
import { formatCount, plural } from '../terminal/quantities.ts';
import type { Screen } from '../terminal/screen.ts';

/** One line for a log, one for each witness whose word could not be checked, and one for receipts if there are any. */
export function* renderLog(log: LogReport, { paint, safe }: Screen): Iterable<string> {
  const { name, origin, size, words, failed, witnesses, promises } = log;
  const colour = failed.length > 0 ? 'red' : words[0] === 'verified' ? 'green' : 'yellow';
  yield `log ${safe(origin ?? name)}  ${size === undefined ? 'no checkpoint' : plural(size, 'leaf', 'leaves')}  ${paint(colour, words.join(', '))}`;
  for (const { name, unmeasuredCosignatures } of witnesses)
    if (unmeasuredCosignatures > 0)
      yield `witness ${safe(name)}  ${paint('yellow', `${plural(unmeasuredCosignatures, 'cosignature')} unmeasured`)}`;
  const { kept, broken, unmeasured } = promises;
  if (kept + broken + unmeasured > 0)
    yield `receipts: promises kept ${formatCount(kept)}, broken ${formatCount(broken)}, unmeasured ${formatCount(unmeasured)}`;
}
