import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { createServer as createHttps } from 'node:https';
import { type AddressInfo, connect, type Server } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeCertificate } from '../testing/certificate.ts';
import { ofType } from '../testing/chain.ts';
import { startIngest } from '../testing/ingest.ts';
import { newApiKey } from '../testing/keys.ts';
import { runAgent, scratch } from '../testing/run-agent.ts';

/** A proxy that asks for a user and forwards, keeping a list of what went through it. */
async function startProxy(password = 'p@ss') {
  const through: string[] = [];
  const authorised = (header: string | undefined): boolean =>
    header === `Basic ${Buffer.from(`user:${password}`).toString('base64')}`;
  const server = createServer((incoming, outgoing) => {
    through.push(`${incoming.method} ${incoming.url}`);
    if (!authorised(incoming.headers['proxy-authorization']))
      return void outgoing.writeHead(407).end();
    const { host, port, pathname } = new URL(incoming.url ?? '');
    const { 'proxy-authorization': _, ...headers } = incoming.headers;
    const onward = request(
      { host: '127.0.0.1', port, path: pathname, method: 'POST', headers: { ...headers, host } },
      (answer) => {
        outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(outgoing);
      },
    );
    incoming.pipe(onward);
  });
  server.on('connect', (incoming, socket) => {
    through.push(`CONNECT ${incoming.url}`);
    if (!authorised(incoming.headers['proxy-authorization']))
      return void socket.end('HTTP/1.1 407 no\r\n\r\n');
    const onward = connect(Number(incoming.url?.split(':')[1]), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 ok\r\n\r\n');
      socket.pipe(onward).pipe(socket);
    });
    onward.on('error', () => socket.destroy());
    socket.on('error', () => onward.destroy());
  });
  return { through, port: await listen(server) };
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  server.unref();
  return (server.address() as AddressInfo).port;
}

test('batches go through an HTTP proxy that asks for a user', async () => {
  const ingest = await startIngest();
  const proxy = await startProxy();
  const ran = await runAgent('flush-twice.mjs', {
    env: {
      VANTIO_API_KEY: newApiKey(),
      VANTIO_INGEST_URL: `http://ingest.example:${ingest.port}`,
      HTTP_PROXY: `http://user:p%40ss@127.0.0.1:${proxy.port}`,
    },
  });
  await ingest.close();
  assert.equal(ran.code, 0);
  assert.equal(ofType(ingest.records(), 'shield_end').length, 1);
  assert.deepEqual(
    [...new Set(proxy.through)],
    [`POST http://ingest.example:${ingest.port}/api/v1/ingest`],
  );
});

for (const [escaped, password] of [
  ['100%', '100%'],
  ['p%C3%A4%zz', 'pä%zz'],
] as const)
  test(`a proxy's password may be written ${escaped}`, async () => {
    const ingest = await startIngest();
    const proxy = await startProxy(password);
    await runAgent('flush-twice.mjs', {
      env: {
        VANTIO_API_KEY: newApiKey(),
        VANTIO_INGEST_URL: ingest.url,
        HTTP_PROXY: `http://user:${escaped}@127.0.0.1:${proxy.port}`,
      },
    });
    await ingest.close();
    assert.equal(ofType(ingest.records(), 'shield_end').length, 1);
    assert.ok(proxy.through.length > 0);
  });

test('batches to https go through the tunnel of a proxy and trust a custom CA', async () => {
  const ingest = await startIngest();
  const proxy = await startProxy();
  const certificate = makeCertificate();
  const authority = join(scratch(), 'ca.pem');
  writeFileSync(authority, certificate.cert);
  const port = await listen(createHttps(certificate, ingest.listener));
  const env = {
    VANTIO_API_KEY: newApiKey(),
    VANTIO_SPOOL_DIR: scratch(),
    VANTIO_INGEST_URL: `https://localhost:${port}`,
    https_proxy: `http://user:p%40ss@127.0.0.1:${proxy.port}`,
  };
  await runAgent('flush-twice.mjs', { env });
  assert.deepEqual(ingest.records(), [], 'an unknown CA is not trusted');
  await runAgent('flush-twice.mjs', { env: { ...env, NODE_EXTRA_CA_CERTS: authority } });
  await ingest.close();
  assert.equal(ofType(ingest.records(), 'shield_end').length, 2);
  assert.deepEqual([...new Set(proxy.through)], [`CONNECT localhost:${port}`]);
});

test('NO_PROXY goes past the proxy', async () => {
  const ingest = await startIngest();
  const proxy = await startProxy();
  await runAgent('flush-twice.mjs', {
    env: {
      VANTIO_API_KEY: newApiKey(),
      VANTIO_INGEST_URL: ingest.url,
      HTTP_PROXY: `http://127.0.0.1:${proxy.port}`,
      NO_PROXY: 'example.com, 127.0.0.1',
    },
  });
  await ingest.close();
  assert.equal(ofType(ingest.records(), 'shield_end').length, 1);
  assert.deepEqual(proxy.through, []);
});

test('without VANTIO_INGEST_URL batches go to the control plane that serves this machine', async () => {
  const asked = new Set<string | undefined>();
  const server = createServer((incoming, outgoing) => {
    asked.add(incoming.url);
    outgoing.writeHead(503).end();
  });
  const port = await listen(server);
  for (const mode of ['', 'local'])
    await runAgent('flush-twice.mjs', {
      env: {
        VANTIO_API_KEY: newApiKey(),
        VANTIO_SPOOL_DIR: scratch(),
        SOVEREIGN_MODE: mode,
        HTTP_PROXY: `http://127.0.0.1:${port}`,
      },
    });
  server.close();
  assert.deepEqual([...asked], ['http://127.0.0.1:8787/api/v1/ingest']);
});
