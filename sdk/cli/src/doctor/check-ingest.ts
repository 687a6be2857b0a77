import { type Check, check } from './check.ts';

const TIMEOUT_MILLIS = 5000;
/** The Date header has whole seconds. */
const SKEW_SECONDS = 2;

/** Whether the control plane answers, takes the key, and has the same time. */
export async function checkIngest(
  url: string,
  apiKey: string | undefined,
): Promise<readonly Check[]> {
  if (!URL.canParse(url))
    return [
      check('ingest', 'wrong', 'VANTIO_INGEST_URL is not a URL', 'such as http://127.0.0.1:8787'),
    ];
  const health = await ask(new URL('healthz', withSlash(url)));
  if (typeof health === 'string')
    return [
      check(
        'ingest',
        'wrong',
        `does not answer (${health})`,
        'start one: vantio serve; or mend VANTIO_INGEST_URL',
      ),
    ];
  const checks: Check[] = [
    health.status === 200
      ? check('ingest', 'ok', 'answers')
      : check(
          'ingest',
          'wrong',
          `answers ${health.status} to /healthz`,
          'is it a Vantio control plane?',
        ),
  ];
  if (health.skewSeconds !== undefined) checks.push(skewCheck(health.skewSeconds));
  if (apiKey !== undefined) checks.push(await acceptance(url, apiKey));
  return checks;
}

function skewCheck(seconds: number): Check {
  const says = `this clock is ${Math.abs(seconds).toFixed(1)} s ${seconds < 0 ? 'behind' : 'ahead of'} the server's`;
  return Math.abs(seconds) <= SKEW_SECONDS
    ? check('clock', 'ok', 'agrees with the server to the second')
    : check('clock', 'warn', says, 'records are taken all the same; set the clock by NTP');
}

async function acceptance(url: string, apiKey: string): Promise<Check> {
  const answer = await ask(new URL('api/v1/config', withSlash(url)), {
    authorization: `Bearer ${apiKey}`,
  });
  if (typeof answer === 'string') return check('key at ingest', 'wrong', `no answer (${answer})`);
  switch (answer.status) {
    case 200:
      return check('key at ingest', 'ok', 'accepted');
    case 401:
    case 403:
      return check(
        'key at ingest',
        'wrong',
        `refused (${answer.status})`,
        'make one where that control plane keeps its keys: vantio keys create',
      );
    case 429:
      return check('key at ingest', 'warn', 'rate limit reached', 'wait a minute');
    default:
      return check('key at ingest', 'wrong', `answers ${answer.status}`);
  }
}

type Answer = { readonly status: number; readonly skewSeconds: number | undefined };

/** @returns the system's word for what failed, as a string. */
async function ask(url: URL, headers: Record<string, string> = {}): Promise<Answer | string> {
  const before = Date.now();
  try {
    const response = await fetch(url, {
      headers,
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MILLIS),
    });
    await response.body?.cancel();
    const date = Date.parse(response.headers.get('date') ?? '');
    // The server's second is cut off, not rounded: its middle is the best guess.
    const skew = ((before + Date.now()) / 2 - (date + 500)) / 1000;
    return { status: response.status, skewSeconds: Number.isNaN(skew) ? undefined : skew };
  } catch (error) {
    const { cause, name } = error as Error;
    return (cause as NodeJS.ErrnoException | undefined)?.code ?? name;
  }
}

const withSlash = (url: string): string => (url.endsWith('/') ? url : `${url}/`);
