import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { runVantio } from '../../testing/run-vantio.ts';
import { temporaryDirectory } from '../../testing/temporary-directory.ts';
import { startReceiver } from '../testing/otlp-receiver.ts';
import { wideLedger } from '../testing/wide-ledger.ts';
import { postBatches } from './post-batches.ts';
import { headersOf } from './receiver.ts';

const batches = [1, 2, 3].map((count) => ({ body: `{"batch":${count}}`, count }));

test('a batch is sent until it was taken, in order, each once', async (t) => {
  const directory = temporaryDirectory(t);
  const { endpoint, file, paths } = await startReceiver(t, directory, [
    { status: 503, headers: { 'retry-after': '0' } },
    { status: 200 },
    { status: 429 },
    { status: 502, headers: { 'retry-after': 'Wed, 21 Oct 2026 07:28:00 GMT' } },
    { status: 504 },
  ]);
  const posted = await postBatches(batches, { url: endpoint, headers: {}, backOff: 1 });
  assert.deepEqual(posted, { sent: 6, requests: 3 });
  assert.equal(paths.length, 7);
  assert.equal(readFileSync(file, 'utf8'), batches.map(({ body }) => `${body}\n`).join(''));
});

test('the next batch is made when the last was taken, not before', async (t) => {
  const { endpoint, paths } = await startReceiver(t, temporaryDirectory(t), [
    { status: 503, headers: { 'retry-after': '0' } },
  ]);
  const requests: number[] = [];
  const watched = function* () {
    for (const batch of batches) {
      requests.push(paths.length);
      yield batch;
    }
  };
  await postBatches(watched(), { url: endpoint, headers: {} });
  assert.deepEqual(requests, [0, 2, 3]);
});

test('what was not taken is said, with how many were', async (t) => {
  const { endpoint, paths } = await startReceiver(t, temporaryDirectory(t), [
    { status: 200 },
    { status: 401, body: 'secret words' },
  ]);
  await assert.rejects(postBatches(batches, { url: endpoint, headers: {} }), {
    exitCode: 2,
    message: `${endpoint} answered 401; 1 were taken before, and a further run sends them again. Check --endpoint, and OTEL_EXPORTER_OTLP_HEADERS if it wants a key.`,
  });
  // Neither is a redirect followed, nor anything sent again that would be refused again.
  assert.equal(paths.length, 2);
  const other = await startReceiver(t, temporaryDirectory(t), [
    { status: 307, headers: { location: endpoint } },
  ]);
  await assert.rejects(
    postBatches(batches, { url: other.endpoint, headers: {} }),
    /answered 307; 0 were taken/,
  );
  assert.equal(paths.length, 2);
  const gone = { url: 'http://127.0.0.1:1/v1/logs', headers: {}, backOff: 1 };
  await assert.rejects(postBatches(batches, gone), /cannot be reached; 0 were taken before/);
});

test('a partial success is told, and is none', async (t) => {
  const { endpoint } = await startReceiver(t, temporaryDirectory(t), [
    { status: 200, body: '{"partialSuccess":{}}' },
    { status: 200, body: '{"partialSuccess":{"rejectedLogRecords":"2","errorMessage":"?"}}' },
  ]);
  await assert.rejects(postBatches(batches, { url: endpoint, headers: {} }), {
    exitCode: 1,
    message: `${endpoint} rejected 2 of 6; its own log says why, and the others were taken.`,
  });
});

test('headers are read as the specification has them, and no word of a wrong one is repeated', () => {
  assert.deepEqual(headersOf(''), {});
  assert.deepEqual(headersOf('authorization=Bearer%20x, a=b=c ,'), {
    authorization: 'Bearer x',
    a: 'b=c',
  });
  for (const wrong of ['secret', '=secret', 'a b=secret', 'a=%ff', 'a=%0d%0asecret'])
    assert.throws(
      () => headersOf(wrong),
      /^CliError: OTEL_EXPORTER_OTLP_HEADERS is not of the form/,
    );
});

test('an endpoint that is none, or holds a password, is refused before the ledger is read', async (t) => {
  const { args } = wideLedger(temporaryDirectory(t));
  for (const endpoint of [
    '127.0.0.1:4318',
    'ftp://h',
    'http://u:secret@h',
    'http://h/?key=secret',
    '',
  ]) {
    const { status, stderr } = await runVantio([
      'convert',
      ...args,
      '--to',
      'otlp-logs',
      '--endpoint',
      endpoint,
    ]);
    assert.equal(status, 2);
    assert.match(stderr, /^vantio: --to otlp-logs wants --endpoint URL, of an OTLP\/HTTP receiver/);
    assert.doesNotMatch(stderr, /secret/);
  }
});
