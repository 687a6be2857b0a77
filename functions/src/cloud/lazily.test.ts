import assert from 'node:assert/strict';
import { test } from 'node:test';
import { http } from '@google-cloud/functions-framework';
import { getTestServer } from '@google-cloud/functions-framework/testing';
import { lazily } from './lazily.ts';
import { listen } from './testing/listen.ts';

test('healthy is a process that answers, ready one that could be set up; what failed is tried again', async (context) => {
  let tries = 0;
  http(
    'lazy',
    lazily(
      async () => {
        if (++tries === 1) throw new Error('a secret that is not there yet');
        return (_request, response) => void response.status(204).end();
      },
      { name: 'lazy' },
    ),
  );
  const { server, port } = await listen(getTestServer('lazy'));
  context.after(() => server.close());
  const ask = (path: string) => fetch(`http://127.0.0.1:${port}${path}`);

  assert.equal((await ask('/healthz')).status, 200);
  assert.equal(tries, 0, 'health sets nothing up');
  const early = await ask('/readyz');
  assert.equal(early.status, 503);
  assert.equal(early.headers.get('retry-after'), '30');
  assert.doesNotMatch(await early.text(), /secret/);
  assert.equal((await ask('/readyz')).status, 200);
  assert.equal((await ask('/')).status, 204);
  assert.equal(tries, 2, 'set up once');
});

test('what a handler throws is answered as a problem that quotes nothing', async (context) => {
  http(
    'broken',
    lazily(
      async () => async () => {
        throw new Error('with what was sent');
      },
      { name: 'broken' },
    ),
  );
  const { server, port } = await listen(getTestServer('broken'));
  context.after(() => server.close());
  const answer = await fetch(`http://127.0.0.1:${port}/`);
  assert.equal(answer.status, 500);
  assert.doesNotMatch(await answer.text(), /what was sent/);
});
