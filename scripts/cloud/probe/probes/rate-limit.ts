import { type Finding, findingsOf, type Outcome } from '../finding.ts';
import type { Context } from './context.ts';
import { askConfig, send } from './send.ts';

const PROBE = 'rate-limit';
const found = findingsOf(PROBE);
const AT_ONCE = 10;
/** All must fall into one window of the limiter. */
const WINDOW_SECONDS = 60;

/**
 * More requests than an API key may make in one window. Their bodies are empty: each is counted, and nothing is stored.
 * Last of all probes, for the key is shut out until the window ends.
 */
export async function probeRateLimit({ subject }: Context): Promise<Outcome> {
  const { requestsPerMinute: limit, sleep } = subject;
  const claim = `of more than ${limit} requests under one key in a minute, ${limit} pass and the others are answered 429`;
  const not = (because: string): Outcome => ({
    findings: [found('not measured', claim, because)],
    notes: [],
  });

  const first = await send(subject, '');
  if (typeof first === 'string') return not(first);
  const [reset] = numbers(first, 'ratelimit-reset');
  const [remaining] = numbers(first, 'ratelimit-remaining');
  if (reset === undefined)
    return {
      findings: [
        found('refuted', claim, `the first answer, ${first.status}, has no RateLimit-Reset`),
      ],
      notes: [],
    };
  const isFresh = remaining === limit - 1 && reset >= WINDOW_SECONDS - 5;
  if (!isFresh) await sleep((reset + 1) * 1000);
  const started = performance.now();
  const answers: Response[] = isFresh ? [first] : [];
  while (answers.length < limit + AT_ONCE) {
    const some = await Promise.all(Array.from({ length: AT_ONCE }, () => send(subject, '')));
    for (const answer of some) {
      if (typeof answer === 'string') return not(`after ${answers.length} answers: ${answer}`);
      answers.push(answer);
    }
  }
  const seconds = (performance.now() - started) / 1000;
  if (seconds > WINDOW_SECONDS - 10)
    return not(`${answers.length} requests took ${Math.round(seconds)} s: more than one window`);
  const odd = answers.find(({ status }) => status >= 500 || status === 401 || status === 403);
  if (odd) return not(`one was answered ${odd.status}`);
  const refused = answers.filter(({ status }) => status === 429);
  const passed = answers.length - refused.length;
  const config = await askConfig(subject);
  return {
    findings: [
      found(
        passed === limit ? 'proved' : 'refuted',
        claim,
        `${passed} passed, ${refused.length} were answered 429`,
      ),
      headersOf(refused),
      shared(config),
    ],
    notes: [`the throw-away key is shut out for up to a minute`],
  };
}

function headersOf(refused: readonly Response[]): Finding {
  const claim = 'a 429 says the limit, that nothing remains, and when to come again';
  if (refused.length === 0) return found('not measured', claim, 'nothing was refused');
  const lacking = refused.find(
    (answer) =>
      numbers(answer, 'ratelimit-limit').length === 0 ||
      numbers(answer, 'ratelimit-remaining')[0] !== 0 ||
      numbers(answer, 'ratelimit-reset').length === 0 ||
      !(Number(answer.headers.get('retry-after')) > 0),
  );
  return lacking
    ? found(
        'refuted',
        claim,
        'one has no RateLimit-Limit, RateLimit-Remaining: 0, RateLimit-Reset or Retry-After',
      )
    : found('proved', claim, 'RateLimit-Limit, -Remaining, -Reset and Retry-After on each');
}

function shared(config: Response | string): Finding {
  const claim = 'the limit is one for both endpoints';
  if (typeof config === 'string') return found('not measured', claim, config);
  return found(
    config.status === 429 ? 'proved' : 'refuted',
    claim,
    `config answered ${config.status} to the same key`,
  );
}

/** A header that holds a whole number, or nothing. */
function numbers({ headers }: Response, name: string): readonly number[] {
  const text = headers.get(name);
  return text !== null && /^\d+$/.test(text) ? [Number(text)] : [];
}
