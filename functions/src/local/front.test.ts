import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { test } from 'node:test';
import * as zlib from 'node:zlib';
import { problemSchema } from '@vantio/schema/wire/problem';
import { createEmitter, jsonBatch, ndjson } from '../testing/emitter.ts';
import { emitted } from '../testing/ledger.ts';
import { type Answer, createHouse, post } from '../testing/local.ts';

const MIB = 1024 * 1024;
/** Node 20 has none. */
const { zstdCompressSync: zstdCompress }: Partial<typeof zlib> = zlib;
const NO_ZSTD = [415, 'unsupported_encoding'] as const;

/** What every refusal must be: a problem document, and a server that goes on. */
function assertProblem(answer: Answer, status: number, code: string): void {
  assert.equal(answer.status, status);
  assert.match(answer.headers.get('content-type') ?? '', /^application\/problem\+json/);
  const problem = problemSchema.parse(answer.body);
  assert.equal(problem.type, `urn:vantio:problem:${code}`);
  assert.equal(problem.status, status);
}

test('every bad body is a clear 4xx, writes nothing, and leaves the server up', async (t) => {
  const house = createHouse(t);
  const server = await house.start();
  const apiKey = house.key();
  const records = createEmitter(apiKey).batch(2);
  const good = ndjson(records);
  const json = { 'content-type': 'application/json' };
  const deep = `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`;
  const lines = records.map(({ envelope }) => envelope);
  const cases: readonly [
    what: string,
    body: string | Uint8Array,
    headers: Readonly<Record<string, string>>,
    status: number,
    code: string,
    record?: number,
    field?: string,
  ][] = [
    ['malformed JSON', '{"events":[', json, 400, 'malformed_json'],
    ['malformed NDJSON', `${lines[0]}\n{"record":\n`, {}, 422, 'invalid_record', 1, 'envelope'],
    ['an empty body', '', {}, 400, 'empty_batch'],
    ['an empty line', `${lines[0]}\n\n${lines[1]}\n`, {}, 422, 'invalid_record', 1],
    ['carriage returns', good.replaceAll('\n', '\r\n'), {}, 422, 'invalid_record', 0],
    ['no events', '{"events":[]}', json, 400, 'empty_batch'],
    ['another member', '{"events":[],"x":1}', json, 422, 'invalid_batch'],
    ['an array', '[]', json, 422, 'invalid_batch'],
    ['null', 'null', json, 422, 'invalid_batch'],
    ['a 10,000-deep object', deep, json, 422, 'invalid_batch'],
    [
      '10,000-deep events',
      `{"events":${'['.repeat(10_000)}${']'.repeat(10_000)}}`,
      json,
      422,
      'invalid_record',
      0,
    ],
    ['a 10,000-deep line', deep, {}, 422, 'invalid_record', 0],
    ['a batch of 100,000', '{}\n'.repeat(100_000), {}, 413, 'too_many_records'],
    [
      'a batch of 100,000 in JSON',
      `{"events":[${'{},'.repeat(99_999)}{}]}`,
      json,
      413,
      'too_many_records',
    ],
    ['JSON with spaces', jsonBatch(records).replace('[', '[ '), json, 422, 'invalid_record', 0],
    ['JSON with a tail', `${jsonBatch(records)} `, json, 422, 'invalid_record'],
    [
      'a double comma',
      jsonBatch(records).replace('},{"record', '},,{"record'),
      json,
      400,
      'malformed_json',
    ],
    ['a wrong content type', good, { 'content-type': 'text/plain' }, 415, 'unsupported_media_type'],
    [
      'another charset',
      good,
      { 'content-type': 'application/json; charset=latin1' },
      415,
      'unsupported_media_type',
    ],
    ['bytes that are not UTF-8', Buffer.from('c3280a', 'hex'), {}, 400, 'not_utf8'],
    ['an unknown coding', good, { 'content-encoding': 'compress' }, 415, 'unsupported_encoding'],
    [
      'two codings',
      zlib.gzipSync(zlib.gzipSync(good)),
      { 'content-encoding': 'gzip, gzip' },
      415,
      'unsupported_encoding',
    ],
    ['no gzip at all', good, { 'content-encoding': 'gzip' }, 400, 'malformed_encoding'],
    [
      'a cut gzip',
      zlib.gzipSync(good).subarray(0, -9),
      { 'content-encoding': 'gzip' },
      400,
      'malformed_encoding',
    ],
    [
      'a gzip bomb',
      zlib.gzipSync(Buffer.alloc(300 * MIB)),
      { 'content-encoding': 'gzip' },
      413,
      'body_too_large',
    ],
    [
      'a brotli bomb',
      zlib.brotliCompressSync(Buffer.alloc(64 * MIB), {
        params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 1 },
      }),
      { 'content-encoding': 'br' },
      413,
      'body_too_large',
    ],
    [
      'a zstd bomb',
      zstdCompress?.(Buffer.alloc(300 * MIB)) ?? '',
      { 'content-encoding': 'zstd' },
      ...(zstdCompress === undefined ? NO_ZSTD : ([413, 'body_too_large'] as const)),
    ],
    [
      'a deflate bomb',
      zlib.deflateSync(Buffer.alloc(100 * MIB)),
      { 'content-encoding': 'deflate' },
      413,
      'body_too_large',
    ],
    ['6 MiB', Buffer.alloc(6 * MIB, 0x61), {}, 413, 'body_too_large'],
    [
      'a record of 17 KiB',
      `{"record":{"a":"${'x'.repeat(17 * 1024)}"},"record_mac":""}`,
      {},
      422,
      'invalid_record',
      0,
    ],
  ];
  for (const [what, body, headers, status, code, record, field] of cases) {
    const answer = await post(server.url, apiKey, body, headers);
    try {
      assertProblem(answer, status, code);
      if (what.endsWith('bomb') && status === 413)
        assert.match(answer.body.detail, /inflates to more than/);
      if (record !== undefined) assert.equal(answer.body.record, record);
      if (field !== undefined) assert.equal(answer.body.field, field);
    } catch (error) {
      throw new Error(`${what}: ${JSON.stringify(answer.body)}`, { cause: error });
    }
    assert.equal(emitted(house.ledger).length, 0, what);
  }
  assert.equal((await post(server.url, apiKey, good)).status, 202);
  assert.equal(emitted(house.ledger).length, 3);
  assert.deepEqual(house.log, []);
});

test('5,000 records are a batch and 5,001 are not', async (t) => {
  const house = createHouse(t);
  const server = await house.start();
  const apiKey = house.key();
  const records = createEmitter(apiKey).batch(5000);
  const tooMany = zlib.gzipSync(ndjson(records));
  const gzip = { 'content-encoding': 'gzip' };
  assertProblem(await post(server.url, apiKey, tooMany, gzip), 413, 'too_many_records');
  const enough = zlib.gzipSync(ndjson(records.slice(0, 5000)));
  assert.equal((await post(server.url, apiKey, enough, gzip)).status, 202);
  assert.equal(emitted(house.ledger).length, 5000);
});

test('every Content-Encoding that is offered is undone', async (t) => {
  const house = createHouse(t);
  const server = await house.start();
  const apiKey = house.key();
  const coders = {
    gzip: zlib.gzipSync,
    deflate: zlib.deflateSync,
    br: zlib.brotliCompressSync,
    ...(zstdCompress === undefined ? {} : { zstd: zstdCompress }),
    identity: (text: string) => Buffer.from(text),
  };
  for (const [coding, code] of Object.entries(coders)) {
    const body = code(ndjson(createEmitter(apiKey).batch(1)));
    const answer = await post(server.url, apiKey, body, { 'content-encoding': coding });
    assert.equal(answer.status, 202, coding);
  }
  const refused = await post(server.url, apiKey, 'x', { 'content-encoding': 'compress' });
  const offered = Object.keys(coders).filter((coding) => coding !== 'identity');
  assert.equal(refused.headers.get('accept-encoding'), offered.join(', '));
});

test('a declared 100 MB body is refused before it is sent, and while it is sent', async (t) => {
  const house = createHouse(t);
  const server = await house.start();
  const authorization = `Bearer ${house.key()}`;
  const headers = { authorization, 'content-type': 'application/x-ndjson' };
  const url = `${server.url}/api/v1/ingest`;

  const polite = request(url, {
    method: 'POST',
    headers: { ...headers, 'content-length': 100 * MIB, expect: '100-continue' },
  });
  polite.on('continue', () => assert.fail('the server asked for the body'));
  polite.flushHeaders();
  const [refused] = await once(polite, 'response');
  assert.equal(refused.statusCode, 413);
  polite.destroy();

  const { hostname, port } = new URL(server.url);
  const socket = connect(Number(port), hostname);
  const head = [
    'POST /api/v1/ingest HTTP/1.1',
    'host: x',
    `authorization: ${authorization}`,
    'content-type: application/x-ndjson',
    'transfer-encoding: chunked',
  ];
  socket.write(`${head.join('\r\n')}\r\n\r\n`);
  const chunk = Buffer.alloc(MIB, 0x61);
  for (let sent = 0; sent < 100; sent++) {
    socket.write(`${MIB.toString(16)}\r\n`);
    socket.write(chunk);
    if (!socket.write('\r\n')) await once(socket, 'drain');
  }
  const [answer] = await once(socket, 'data');
  assert.match(String(answer), /^HTTP\/1\.1 413 /);
  socket.destroy();
  assert.equal((await fetch(`${server.url}/healthz`)).status, 200);
});

test('a body that is welcome is asked for, when the client waits to be asked', async (t) => {
  const house = createHouse(t);
  const server = await house.start();
  const apiKey = house.key();
  const body = ndjson(createEmitter(apiKey).batch(1));
  const outgoing = request(`${server.url}/api/v1/ingest`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${apiKey}`,
      'content-type': 'application/x-ndjson',
      'content-length': Buffer.byteLength(body),
      expect: '100-continue',
    },
  });
  outgoing.flushHeaders();
  await once(outgoing, 'continue');
  outgoing.end(body);
  const [response] = await once(outgoing, 'response');
  assert.equal(response.statusCode, 202);
  response.resume();
});

test('without a good key no byte of a body is read', async (t) => {
  const house = createHouse(t);
  const server = await house.start();
  const outgoing = request(`${server.url}/api/v1/ingest`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson', 'content-length': MIB },
  });
  outgoing.on('error', () => {});
  outgoing.flushHeaders();
  const [response] = await once(outgoing, 'response');
  assert.equal(response.statusCode, 401);
  assert.match(response.headers['www-authenticate'], /^Bearer/);
  outgoing.destroy();
});

test('a client that goes away in the middle of a body leaves nothing behind', async (t) => {
  const house = createHouse(t);
  const server = await house.start();
  const apiKey = house.key();
  const body = ndjson(createEmitter(apiKey).batch(10));
  const outgoing = request(`${server.url}/api/v1/ingest`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${apiKey}`,
      'content-type': 'application/x-ndjson',
      'content-length': Buffer.byteLength(body),
    },
  });
  outgoing.on('error', () => {});
  outgoing.write(body.slice(0, -10));
  await new Promise((resolve) => setTimeout(resolve, 50));
  outgoing.destroy();
  assert.equal((await post(server.url, apiKey, body)).status, 202);
  assert.equal(emitted(house.ledger).length, 11);
});

test('unknown paths, wrong methods and bytes that are not HTTP are problems too', async (t) => {
  const house = createHouse(t);
  const server = await house.start();
  const ask = async (
    path: string,
    method: string,
  ): Promise<readonly [number, string, string | null]> => {
    const response = await fetch(server.url + path, { method });
    const { type } = (await response.json()) as { type: string };
    return [response.status, type, response.headers.get('allow')];
  };
  const urn = (code: string) => `urn:vantio:problem:${code}`;
  assert.deepEqual(await ask('/', 'GET'), [404, urn('not_found'), null]);
  assert.deepEqual(await ask('/api/v1/ingest/', 'POST'), [404, urn('not_found'), null]);
  assert.deepEqual(await ask('/api/v1/ingest', 'GET'), [405, urn('method_not_allowed'), 'POST']);
  assert.deepEqual(await ask('/api/v1/config', 'POST'), [
    405,
    urn('method_not_allowed'),
    'GET, HEAD',
  ]);
  const { hostname, port } = new URL(server.url);
  const raw = async (bytes: string): Promise<string> => {
    const socket = connect(Number(port), hostname);
    socket.end(bytes);
    let text = '';
    for await (const chunk of socket) text += chunk;
    return text;
  };
  const garbage = await raw('\x16\x03\x01\x02\x00\r\n\r\n');
  assert.match(
    garbage,
    /^HTTP\/1\.1 400 [\s\S]*application\/problem\+json[\s\S]*malformed_request/,
  );
  const longHeader = await raw(`GET / HTTP/1.1\r\nhost: x\r\nx: ${'a'.repeat(20_000)}\r\n\r\n`);
  assert.match(longHeader, /^HTTP\/1\.1 431 [\s\S]*headers_too_large/);
  assert.equal((await fetch(`${server.url}/healthz`, { method: 'HEAD' })).status, 200);
});

test('no refusal and no log line quotes what the client sent', async (t) => {
  const house = createHouse(t);
  const server = await house.start();
  const apiKey = house.key();
  const secret = 'sk-proj-Zm9vYmFy';
  const record = createEmitter(apiKey).start().envelope;
  const bodies = [
    record.replace('"emitter":"test"', `"emitter":"${secret}"`),
    record.replace('"emitter":"test"', `"emitter":"test","prompt":"${secret}"`),
    `{"record":{},"record_mac":"${secret}"}`,
    secret,
  ];
  for (const body of bodies) {
    const answer = await post(server.url, apiKey, body);
    assert.equal(answer.status, 422);
    assert.ok(!JSON.stringify(answer.body).includes(secret));
  }
  const forged = `${apiKey.slice(0, -4)}AAAA`;
  assert.ok(!JSON.stringify((await post(server.url, forged, record)).body).includes(forged));
  assert.deepEqual(house.log, []);
  assert.ok(!readFileSync(house.ledger, 'latin1').includes(secret));
});
