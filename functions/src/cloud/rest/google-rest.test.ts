import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, test } from 'node:test';
import { listen } from '../testing/listen.ts';
import { createGoogleRest } from './google-rest.ts';

/** A server whose answers are these, one after the other; `undefined` breaks the connection. */
async function answering(statuses: readonly (number | undefined)[]) {
  const left = [...statuses];
  const { server, port } = await listen(
    createServer((request, response) => {
      const status = left.shift();
      if (status === undefined) return request.socket.destroy();
      response.writeHead(status, { 'x-left': String(left.length) }).end('body');
    }),
  );
  after(() => server.close());
  const slept: number[] = [];
  const rest = createGoogleRest({
    host: `http://127.0.0.1:${port}`,
    scope: undefined,
    attempts: 4,
    sleep: async (millis) => void slept.push(millis),
  });
  return { rest, slept, left };
}

test('what may go away is tried again, also a connection that broke; an answer is an answer', async () => {
  const { rest, slept } = await answering([503, undefined, 429, 412]);
  const { status, bytes, headers } = await rest('/x', { method: 'POST', body: 'b' });
  assert.deepEqual(
    [status, Buffer.from(bytes).toString(), headers.get('x-left')],
    [412, 'body', '0'],
  );
  assert.equal(slept.length, 3);
  assert.ok(slept.every((millis) => millis >= 0 && millis <= 800));
});

test('what does not go away is the caller’s after a while', async () => {
  const failing = await answering([503, 500, 503, 504, 200]);
  assert.equal((await failing.rest('/x')).status, 504);
  assert.deepEqual(failing.left, [200]);
  const broken = await answering([]);
  await assert.rejects(broken.rest('/x'), { message: 'fetch failed' });
});
