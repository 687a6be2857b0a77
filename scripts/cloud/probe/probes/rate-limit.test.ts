import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Finding } from '../finding.ts';
import { startHttp } from '../testing/http-stand-in.ts';
import { probeRateLimit } from './rate-limit.ts';

/** A door with one fault: the real one is asked in ways.test.ts. */
type Door = {
  readonly limit: number;
  readonly config?: number;
  readonly headers?: (remaining: number, refused: boolean) => Readonly<Record<string, string>>;
  readonly passes?: number;
  /** Requests that were counted in this window before. */
  readonly before?: number;
};

const honest = (remaining: number, refused: boolean): Readonly<Record<string, string>> => ({
  'ratelimit-limit': '100',
  'ratelimit-remaining': String(Math.max(0, remaining)),
  'ratelimit-reset': '60',
  ...(refused ? { 'retry-after': '60' } : {}),
});

async function ask(door: Door): Promise<readonly Finding[]> {
  const { limit, config = 429, headers = honest, passes = 400, before = 0 } = door;
  let seen = before;
  const { url, close } = await startHttp((request, response) => {
    if (request.url === '/api/v1/config') {
      response.writeHead(config).end();
      return;
    }
    seen++;
    const refused = seen > limit;
    response.writeHead(refused ? 429 : passes, headers(100 - seen, refused)).end();
  });
  try {
    const subject = {
      url,
      apiKey: 'vk1.probe',
      requestsPerMinute: 100,
      // The window ends when it said it would.
      sleep: async (millis: number) => {
        if (millis >= 60_000) seen = 0;
      },
    };
    const { findings } = await probeRateLimit({ subject } as Parameters<typeof probeRateLimit>[0]);
    return findings;
  } finally {
    close();
  }
}

const verdicts = async (door: Door) => (await ask(door)).map(({ verdict }) => verdict);

test('a limit at the hundred-and-first request, with its headers, for both endpoints, is proved', async () => {
  assert.deepEqual(await verdicts({ limit: 100 }), ['proved', 'proved', 'proved']);
});

test('a window in which something was counted already is let go by', async () => {
  for (const before of [1, 50, 100, 150])
    assert.deepEqual(await verdicts({ limit: 100, before }), ['proved', 'proved', 'proved']);
});

test('a door that limits nobody is refuted, whether it says so or not', async () => {
  const unlimited = await verdicts({ limit: Number.POSITIVE_INFINITY, config: 200 });
  assert.deepEqual(unlimited, ['refuted', 'not measured', 'refuted']);
  assert.deepEqual(await verdicts({ limit: 1000, headers: () => ({}) }), ['refuted']);
});

test('each instance counting alone lets more through, and is refuted with their number', async () => {
  const [first] = await ask({ limit: 105 });
  assert.equal(first?.verdict, 'refuted');
  assert.equal(first?.because, '105 passed, 6 were answered 429');
  assert.equal((await verdicts({ limit: 50 }))[0], 'refuted');
});

test('a 429 that does not say when to come again is refuted', async () => {
  for (const name of ['retry-after', 'ratelimit-limit', 'ratelimit-remaining']) {
    const headers = (remaining: number, refused: boolean) =>
      Object.fromEntries(
        Object.entries(honest(remaining, refused)).filter(([key]) => !refused || key !== name),
      );
    assert.deepEqual(
      await verdicts({ limit: 100, headers }),
      ['proved', 'refuted', 'proved'],
      name,
    );
  }
});

test('an endpoint with a count of its own is refuted', async () => {
  assert.deepEqual(await verdicts({ limit: 100, config: 200 }), ['proved', 'proved', 'refuted']);
});

test('a door that is away, or lets nobody in, has not been measured', async () => {
  assert.deepEqual(await verdicts({ limit: 100, passes: 503 }), ['not measured']);
  assert.deepEqual(await verdicts({ limit: 100, passes: 401 }), ['not measured']);
  const subject = { url: 'http://127.0.0.1:1', apiKey: '', requestsPerMinute: 100 };
  const { findings } = await probeRateLimit({ subject } as Parameters<typeof probeRateLimit>[0]);
  assert.deepEqual(
    findings.map(({ verdict }) => verdict),
    ['not measured'],
  );
});
