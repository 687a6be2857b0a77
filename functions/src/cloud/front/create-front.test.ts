import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { type TestContext, test } from 'node:test';
import { listen } from '../testing/listen.ts';
import { createFront } from './create-front.ts';

type Passed = { readonly request: IncomingMessage & Framed; readonly response: ServerResponse };
/** What the functions framework puts on a request. */
type Framed = { readonly rawBody?: Buffer; readonly body?: unknown };

const BODY = 1024;
const ROOM = 64 * 1024;

/** A front with room for three bodies, and what it handed on, which nobody has answered. */
async function front(context: TestContext) {
  const passed: Passed[] = [];
  const next = (request: IncomingMessage, response: ServerResponse): void => {
    passed.push({ request, response });
  };
  const { server, port } = await listen(
    createServer(createFront(next, { name: 'ingest', bodyBytes: BODY, heldBytes: ROOM })),
  );
  context.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${port}/`;
  const post = (body: RequestInit['body'], headers: Record<string, string> = {}) =>
    fetch(url, { method: 'POST', body: body ?? null, headers, duplex: 'half' } as RequestInit);
  /** Waits until so many were handed on. */
  const handedOn = async (count: number): Promise<Passed> => {
    for (let tries = 0; passed.length < count && tries < 2000; tries++)
      await new Promise((resolve) => setTimeout(resolve, 5));
    const last = passed[count - 1];
    assert.ok(last);
    return last;
  };
  return { url, post, handedOn, passed };
}

async function assertProblem(response: Response, status: number, code: string): Promise<void> {
  assert.equal(response.status, status);
  assert.equal(((await response.json()) as { type: string }).type, `urn:vantio:problem:${code}`);
}

test('a body is handed on whole, unparsed until somebody asks', async (context) => {
  const { post, handedOn } = await front(context);
  for (const [at, text, value] of [
    [1, '{"a":[1]}', { a: [1] }],
    [2, 'not JSON', undefined],
  ] as const) {
    const answer = post(text);
    const { request, response } = await handedOn(at);
    assert.equal(request.rawBody?.toString(), text);
    assert.deepEqual(request.body, value);
    response.end();
    assert.equal((await answer).status, 200);
  }
});

test('a body over the bound is refused, by what it declares and by what arrives', async (context) => {
  const { post, passed } = await front(context);
  await assertProblem(await post('x'.repeat(BODY + 1)), 413, 'body_too_large');
  const undeclared = new Blob(['x'.repeat(BODY + 1)]).stream();
  await assertProblem(await post(undeclared), 413, 'body_too_large');
  assert.deepEqual(passed, []);
});

test('a coded body is refused before anything is inflated', async (context) => {
  const { post, passed } = await front(context);
  const answer = await post('x', { 'content-encoding': 'gzip' });
  await assertProblem(answer, 415, 'unsupported_encoding');
  assert.deepEqual(passed, []);
});

test('what there is no room for is told to come again, unread, until an answer makes room', async (context) => {
  const { url, post, handedOn, passed } = await front(context);
  const held = [1, 2, 3].map(() => post('x'));
  const { response } = await handedOn(3);
  // Not one byte of its body is sent: the answer does not wait for it.
  const sending = request(url, { method: 'POST', headers: { 'content-length': '10' } });
  sending.on('error', () => {});
  sending.flushHeaders();
  const [refused] = (await once(sending, 'response')) as [IncomingMessage];
  assert.equal(refused.statusCode, 503);
  assert.equal(refused.headers['retry-after'], '1');
  sending.destroy();
  assert.equal(passed.length, 3);
  response.end();
  await Promise.any(held);
  const later = post('x');
  (await handedOn(4)).response.end();
  assert.equal((await later).status, 200);
  for (const { response } of passed) response.end();
  await Promise.all(held);
});

test('a client that goes away in the middle of its body gives its room back', async (context) => {
  const { url, post, handedOn } = await front(context);
  for (let time = 0; time < 10; time++) {
    const leaving = request(url, { method: 'POST', headers: { 'content-length': '1000' } });
    leaving.on('error', () => {});
    leaving.write('x');
    await once(leaving, 'socket');
    await new Promise((resolve) => setTimeout(resolve, 20));
    leaving.destroy();
  }
  const answer = post('x');
  (await handedOn(1)).response.end();
  assert.equal((await answer).status, 200);
});

test('an execution id that could write anything into the log is taken away', async (context) => {
  const { post, handedOn } = await front(context);
  const asked = [post('x', { 'function-execution-id': 'abc-1' })];
  const good = await handedOn(1);
  assert.equal(good.request.headers['function-execution-id'], 'abc-1');
  asked.push(post('x', { 'function-execution-id': '{"severity":"ERROR"}' }));
  const bad = await handedOn(2);
  assert.equal(bad.request.headers['function-execution-id'], undefined);
  for (const { response } of [good, bad]) response.end();
  await Promise.all(asked);
});
