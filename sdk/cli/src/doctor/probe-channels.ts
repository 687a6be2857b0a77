import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import * as channels from 'node:diagnostics_channel';
import { once } from 'node:events';
import * as http from 'node:http';
import * as http2 from 'node:http2';
import type { AddressInfo } from 'node:net';
import { Worker } from 'node:worker_threads';

/** Channels that observing rests on, by what each shows. */
export const OBSERVED_CHANNELS = {
  'fetch: request': 'undici:request:create',
  'fetch: connection': 'undici:client:connected',
  'fetch: status': 'undici:request:headers',
  'fetch: bytes sent': 'undici:request:bodyChunkSent',
  'fetch: bytes received': 'undici:request:bodyChunkReceived',
  'http and https: request': 'http.client.request.start',
  'http and https: request before it starts': 'http.client.request.created',
  'http and https: response': 'http.client.response.finish',
  'http2: stream': 'http2.client.stream.created',
  'net: outbound socket': 'net.client.socket',
  'dgram: socket': 'udp.socket',
  'child_process: started': 'child_process',
  'child_process: before it starts': 'tracing:child_process.spawn:start',
  'worker_threads: started': 'worker_threads',
} as const;

export type Capability = keyof typeof OBSERVED_CHANNELS;

const PROBE_MILLIS = 5000;

/**
 * Makes one call through each door of this runtime, to servers of its own on loopback, and tells which channels spoke.
 * Measured, not looked up: channels come and go by minor version.
 */
export async function probeChannels(): Promise<ReadonlySet<Capability>> {
  const heard = new Set<Capability>();
  const stops = Object.entries(OBSERVED_CHANNELS).map(([capability, channel]) => {
    const hear = (): void => void heard.add(capability as Capability);
    channels.subscribe(channel, hear);
    return () => channels.unsubscribe(channel, hear);
  });
  try {
    await Promise.allSettled([
      probeHttp(),
      probeHttp2(),
      probeDgram(),
      probeChild(),
      probeWorker(),
    ]);
  } finally {
    for (const stop of stops) stop();
  }
  return heard;
}

const deadline = () => AbortSignal.timeout(PROBE_MILLIS);

async function probeHttp(): Promise<void> {
  const server = http.createServer((request, response) => {
    request.resume().on('end', () => response.end('ok'));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  try {
    const answer = await fetch(url, { method: 'POST', body: 'ok', signal: deadline() });
    await answer.text();
    const [response] = await once(http.get(url, { agent: false, signal: deadline() }), 'response');
    await once(response.resume(), 'close');
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

async function probeHttp2(): Promise<void> {
  const server = http2.createServer((_request, response) => response.end('ok'));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const client = http2.connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  try {
    const stream = client.request({ ':path': '/' }, { signal: deadline() });
    await once(stream.resume(), 'close');
  } finally {
    client.destroy();
    server.close();
  }
}

async function probeDgram(): Promise<void> {
  const socket = createSocket('udp4');
  await new Promise<void>((done) => socket.close(done));
}

/** Quiet and without our own preload: the probe is no program of the user's. */
async function probeChild(): Promise<void> {
  const child = spawn(process.execPath, ['-e', '0'], {
    stdio: 'ignore',
    env: {},
    signal: deadline(),
  });
  await once(child, 'exit');
}

async function probeWorker(): Promise<void> {
  const worker = new Worker('', { eval: true, env: {}, execArgv: [] });
  await once(worker, 'exit', { signal: deadline() });
}
