// A process of one runtime that uses connections of one client in traces of its own choice; its servers say what went where.
// Arguments: the client, and the address of each server by the way in which it is used.
import { once } from 'node:events';
import http from 'node:http';
import http2 from 'node:http2';
import https from 'node:https';
import { createRequire } from 'node:module';
import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import tls from 'node:tls';
import { continueTrace } from '@vantio/agent-sdk';

const [, , client, addresses] = process.argv;
const clients = createRequire(new URL('../../clients/package.json', import.meta.url));
/** Connections that nobody asks over are looked at ten times a second. */
const HELD_MS = 250;
const inTrace = (digit, work) =>
  continueTrace(`00-${digit.repeat(32)}-${digit.repeat(16)}-01`, work);

/** Makes a pool of connections of its own: returns how to ask in it, and how to close it. */
const POOLS = {
  fetch: () => ({ ask: async (url) => void (await (await fetch(url)).text()) }),
  undici: () => undiciPool('undici7', false),
  'undici, HTTP/2': () => undiciPool('undici7', true),
  'http/1': () => nodePool(http),
  https: () => nodePool(https),
  http2: http2Pool,
  ws: () => ({
    ask: async (url) => {
      const { WebSocket } = clients('ws');
      const socket = new WebSocket(url.replace(/^http/, 'ws'));
      await once(socket, 'open');
      await sleep(HELD_MS);
      socket.close();
      await once(socket, 'close');
    },
  }),
  'net, bare': () => barePool((options) => net.connect(options)),
  'tls, bare': () => barePool((options) => tls.connect({ ...options, servername: 'localhost' })),
};

function undiciPool(name, allowH2) {
  const { Agent, request } = clients(name);
  const dispatcher = new Agent({ allowH2, connect: { rejectUnauthorized: false } });
  return {
    ask: async (url) => void (await (await request(url, { dispatcher })).body.text()),
    close: () => dispatcher.close(),
  };
}

function nodePool({ Agent, get }) {
  const agent = new Agent({ keepAlive: true, rejectUnauthorized: false });
  return {
    ask: (url) =>
      new Promise((resolve, reject) => {
        get(url, { agent }, (answer) => answer.resume().on('end', resolve)).on('error', reject);
      }),
    close: () => agent.destroy(),
  };
}

function http2Pool() {
  let session;
  return {
    ask: async (url) => {
      const { origin, pathname } = new URL(url);
      session ??= http2.connect(origin, { rejectUnauthorized: false });
      const stream = session.request({ ':path': pathname });
      await once(stream.resume(), 'end');
    },
    close: () => session.close(),
  };
}

function barePool(connect) {
  return {
    ask: async (url) => {
      const { port, pathname } = new URL(url);
      const socket = connect({ port: Number(port), host: 'localhost', allowHalfOpen: true });
      socket.write(`${pathname}\n`);
      await once(socket.resume(), 'end');
      await sleep(HELD_MS);
      socket.end();
      await once(socket, 'close');
    },
  };
}

/** By what each way of use is called in the table. */
const WAYS = {
  one: async (ask, url) => {
    await inTrace('a', () => ask(`${url}/a`));
    await sleep(20);
    await inTrace('a', () => ask(`${url}/a`));
  },
  turns: async (ask, url) => {
    await inTrace('a', () => ask(`${url}/a`));
    await sleep(20);
    await inTrace('b', () => ask(`${url}/b`));
  },
  together: (ask, url) =>
    Promise.all([inTrace('a', () => ask(`${url}/a`)), inTrace('b', () => ask(`${url}/b`))]),
};

/** Who ends before the agent has let it in is not heard. It lets in one after the other, so the SDK's socket before this one. */
async function letIn() {
  const agent = net.connect(`${process.env.VANTIO_AGENT_SOCKET}.stream`);
  agent.write('{}\n');
  await once(agent, 'data');
  agent.destroy();
}

console.log(process.env.VANTIO_TRACE_ID);
for (const [way, url] of Object.entries(JSON.parse(addresses))) {
  const { ask, close } = POOLS[client]();
  await WAYS[way](ask, url);
  await close?.();
}
await letIn();
