import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { before, test } from 'node:test';
import { answerOf } from '../testing/provider.ts';
import { linesOf, runEnforced, traceOf } from '../testing/run-enforced.ts';
import { CODECS } from './codecs.ts';

const SECRET = 'alice@example.com';
const KEPT = 64 * 1024;
const HUGE = 500;
const MEGABYTE = 'x'.repeat(1024 * 1024);

type Odd = {
  readonly type: string;
  readonly parts: () => Iterable<string | Buffer>;
};
function* megabytes(before: string, after: string): Iterable<string> {
  yield before;
  for (let at = 0; at < HUGE; at++) yield MEGABYTE;
  yield after;
}
const EVENTS = 'text/event-stream';
const EVENT = 'data: {"model":"model-1-2027","choices":[{"index":0,"delta":{"content":"a"}}]}\n\n';
/** Answers that no provider should give, by what stands after `?` in the URL. */
const ODD: Readonly<Record<string, Odd>> = {
  'huge-json': { type: 'application/json', parts: () => megabytes('{"text":"', '"}') },
  'no-event': { type: EVENTS, parts: () => megabytes('', '') },
  'no-json': {
    type: EVENTS,
    parts: () => ['data: {"choices": [\n\ndata: }{\n\n', EVENT, 'data: [DO'],
  },
  'no-text': {
    type: EVENTS,
    parts: () => [Buffer.from([0xff, 0xfe, 0x00, 0x0a, 0x0d, 0xc3]), EVENT],
  },
  'no-stream': { type: EVENTS, parts: () => ['<html>Bad gateway</html>'] },
  'no-lines': { type: EVENTS, parts: () => [EVENT.replaceAll('\n', ' ').repeat(9)] },
};
const got = new Map<string, { text: string; bytes: number }>();
let port = 0;

/** Keeps the beginning of each body, by path, without its compression. */
async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { url = '', headers, method = '' } = request;
  let kept: Buffer = Buffer.alloc(0);
  let bytes = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (kept.length < KEPT) kept = Buffer.concat([kept, chunk]);
    }
  } catch {
    return;
  }
  const codec = CODECS[headers['content-encoding'] ?? ''];
  const text = Buffer.from(codec ? codec.decode(kept, KEPT) : kept).toString('latin1');
  got.set(url.slice(1), { text, bytes });
  const { type, parts } = url.startsWith('/v1/')
    ? answerOf({ method, path: url, headers, body: kept })
    : { type: 'text/plain', parts: ['ok'] };
  const odd = ODD[url.split('?')[1] ?? ''];
  response.writeHead(200, { 'content-type': odd?.type ?? type });
  if (odd !== undefined) {
    await pipeline(Readable.from(odd.parts()), response).catch(() => undefined);
    return;
  }
  if (url.endsWith('?broken')) {
    response.write(`${parts.slice(0, 4).join('')}data: {"choices": [`);
    setTimeout(() => response.destroy(), 50);
    return;
  }
  response.end(parts.join(''));
}

before(async () => {
  const server = createServer((request, response) => void serve(request, response));
  server.unref();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ({ port } = server.address() as AddressInfo);
});

type Came = { readonly text?: string; readonly codes?: readonly string[] };

async function send(policy: object | undefined, ways: readonly string[]) {
  got.clear();
  const written = policy && { v: 1, version: 1, ...policy };
  const ran = await runEnforced('enforced/bodies.mjs', written, {
    args: [JSON.stringify({ ways, port })],
  });
  const [told] = linesOf<{ said: Record<string, Came>; memory: number }>(ran);
  if (!told) throw new Error(ran.stderr);
  const recordOf = (way: string) =>
    traceOf(way, ran).find(
      ({ event_type, action_taken }) =>
        event_type === 'llm_call' || (event_type === 'http_request' && action_taken !== 'OBSERVED'),
    );
  return { ...told, recordOf };
}

const redacting = (more: object = {}) => ({
  redact_pii: { entities: ['email'], walk_hosts: ['127.0.0.1'], ...more },
});

test('bodies are redacted whatever they are packed in, and arrive whole', async () => {
  const ways = ['gzip', 'br', 'zstd', 'multipart', 'length', 'list', 'parts'];
  const { said, recordOf } = await send(redacting(), ways);
  for (const way of ways.filter((name) => said[name])) {
    assert.match(said[way]?.text ?? '', /^200/, `${way}: ${said[way]?.codes}`);
    const text = got.get(way)?.text ?? '';
    assert.ok(!text.includes(SECRET), `${way}: ${text}`);
    assert.ok(text.includes('[EMAIL]'), `${way}: ${text}`);
    const record = recordOf(way);
    assert.equal(record?.action_taken, 'REDACTED', way);
    assert.deepEqual(record?.redactions, { email: way === 'multipart' ? 2 : 1 }, way);
    assert.equal(record?.rule_id, 'redact_pii');
  }
});

test('what cannot be looked at is sent and counted, or refused, as policy says', async () => {
  const ways = ['unknown', 'large by fetch', 'large by http'];
  const reasons = ['encoding', 'size', 'size'];
  const allowing = await send(redacting(), ways);
  for (const [at, way] of ways.entries()) {
    assert.match(allowing.said[way]?.text ?? '', /^200/, way);
    const record = allowing.recordOf(way);
    assert.deepEqual([record?.action_taken, record?.unscanned_reason], ['UNSCANNED', reasons[at]]);
  }
  assert.equal(got.get('large-by-http')?.bytes, 9 * 1024 * 1024);
  assert.equal(got.get('large-by-fetch')?.bytes, 9 * 1024 * 1024);
  const blocking = await send(redacting({ unscanned: 'block' }), ways);
  for (const [at, way] of ways.entries()) {
    assert.ok(blocking.said[way]?.codes?.includes('BLOCKED_UNSCANNED'), way);
    const record = blocking.recordOf(way);
    assert.equal(record?.action_taken, 'BLOCKED_UNSCANNED');
    assert.equal(record?.unscanned_reason, reasons[at]);
  }
  assert.equal(got.size, 0);
});

test('a body redacted in part and in part not searched says both, and is refused where what is not searched is', async () => {
  const ways = ['picture', 'only a picture', 'form'];
  const allowing = await send(redacting(), ways);
  const saying = ways.map((way) => {
    const { action_taken, redactions, unscanned_reason } = allowing.recordOf(way) ?? {};
    return [action_taken, redactions, unscanned_reason];
  });
  assert.deepEqual(saying, [
    ['REDACTED', { email: 1 }, 'binary'],
    ['UNSCANNED', undefined, 'binary'],
    ['REDACTED', { email: 1 }, 'multipart'],
  ]);
  assert.equal(got.size, 2);
  const dry = await send({ mode: 'dry_run', ...redacting({ unscanned: 'block' }) }, ways);
  for (const way of ways)
    assert.equal(dry.recordOf(way)?.action_taken, 'WOULD_BLOCK_UNSCANNED', way);
  assert.deepEqual(dry.recordOf('picture')?.redactions, { email: 1 });
  const blocking = await send(redacting({ unscanned: 'block' }), ways);
  for (const way of ways) {
    assert.ok(blocking.said[way]?.codes?.includes('BLOCKED_UNSCANNED'), way);
    const record = blocking.recordOf(way);
    assert.equal(record?.action_taken, 'BLOCKED_UNSCANNED', way);
    assert.equal(record?.redactions, undefined, way);
  }
  assert.equal(got.size, 0);
});

test('in dry run the verdict on the model stands beside what would be redacted', async () => {
  const policy = { mode: 'dry_run', models: { blocked: ['model-1'] }, ...redacting() };
  const { recordOf } = await send(policy, ['chat']);
  const { action_taken, rule_id, redactions } = recordOf('chat') ?? {};
  assert.deepEqual(
    [action_taken, rule_id, redactions],
    ['WOULD_BLOCK_MODEL', 'models.blocked.0', { email: 1 }],
  );
});

test('a body of 500 MB passes, and takes no more memory than one may hold', async () => {
  const bare = await send(undefined, ['gzip']);
  for (const way of ['huge by http', 'huge by fetch']) {
    const { said, memory, recordOf } = await send(redacting(), [way]);
    assert.match(said[way]?.text ?? '', /^200/);
    assert.equal(got.get(way.replaceAll(' ', '-'))?.bytes, 500 * 1024 * 1024);
    assert.equal(recordOf(way)?.unscanned_reason, 'size', way);
    assert.ok(memory - bare.memory < 200 * 1024 * 1024, `${way}: ${memory - bare.memory}`);
  }
});

test('a blocked model is refused before its request is sent, others go', async () => {
  const { said, recordOf } = await send({ models: { blocked: ['model-2'] } }, [
    'chat',
    'other chat',
  ]);
  assert.match(said.chat?.text ?? '', /^200/);
  assert.deepEqual(said['other chat']?.codes, ['BLOCKED_MODEL']);
  assert.equal(got.size, 1);
  const record = recordOf('other chat');
  assert.equal(record?.action_taken, 'BLOCKED_MODEL');
  assert.equal(record?.model, 'model-2');
  assert.equal(record?.rule_id, 'models.blocked.0');
  assert.equal(recordOf('chat')?.action_taken, 'ALLOWED');
});

test('in dry run bodies stay as they are, and what would be redacted is counted', async () => {
  const { recordOf } = await send({ mode: 'dry_run', ...redacting({ action: 'token' }) }, ['chat']);
  assert.ok(got.get('v1/chat/completions')?.text.includes(SECRET));
  const record = recordOf('chat');
  assert.equal(record?.action_taken, 'WOULD_REDACT');
  assert.deepEqual(record?.redactions, { email: 1 });
});

test('a provider whose stream breaks off is told to the program as it is without us', async () => {
  const ways = ['broken stream'];
  const without = await send(undefined, ways);
  const within = await send(redacting({ action: 'token' }), ways);
  assert.deepEqual(within.said, without.said);
  const record = within.recordOf('broken stream');
  assert.equal(record?.event_type, 'llm_call');
  assert.equal(record?.outcome, 'error');
  assert.equal(record?.model, 'model-1-2027');
});

test('streams that are none are told to the program as they are without us', async () => {
  const ways = ['no-json', 'no-text', 'no-stream', 'no-lines'].map((odd) => `answer ${odd}`);
  const without = await send(undefined, ways);
  const within = await send(redacting({ action: 'token' }), ways);
  assert.deepEqual(within.said, without.said);
  for (const way of ways) {
    assert.match(within.said[way]?.text ?? '', /^200 [1-9]/, way);
    assert.equal(within.recordOf(way)?.event_type, 'llm_call', way);
  }
});

test('an answer of 500 MB, or a stream of it without an event, passes, and takes no more memory than one may hold', async () => {
  const bare = await send(undefined, ['chat']);
  for (const odd of ['huge-json', 'no-event']) {
    const way = `answer ${odd}`;
    const { said, memory, recordOf } = await send(redacting({ action: 'token' }), [way]);
    const [, bytes] = /^200 (\d+)$/.exec(said[way]?.text ?? '') ?? [];
    assert.ok(Number(bytes) >= HUGE * MEGABYTE.length, `${way}: ${JSON.stringify(said[way])}`);
    assert.equal(recordOf(way)?.action_taken, 'REDACTED', way);
    assert.ok(memory - bare.memory < 320 * 1024 * 1024, `${way}: ${memory - bare.memory}`);
  }
});
