import type * as http from 'node:http';
import type * as https from 'node:https';
import type { Duplex } from 'node:stream';
import type * as tls from 'node:tls';
import type { HttpProxy } from './proxy.ts';

declare const require: {
  (name: 'node:http'): typeof http;
  (name: 'node:https'): typeof https;
  (name: 'node:tls'): typeof tls;
};

/** A TLS connection to the host of `url` through the proxy (RFC 9110 section 9.3.6). */
export async function openTunnel(proxy: HttpProxy, url: URL, timeoutMs: number): Promise<Duplex> {
  const socket = await connectProxy(proxy, `${url.hostname}:${url.port || 443}`, timeoutMs);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const isAddress = host.includes(':') || /^[0-9.]+$/.test(host);
  const secure = require('node:tls').connect({
    socket,
    ...(isAddress ? { host } : { host, servername: host }),
  });
  socket.on('error', (error) => secure.destroy(error));
  return secure;
}

function connectProxy(proxy: HttpProxy, authority: string, timeout: number): Promise<Duplex> {
  const { request } = proxy.secure ? require('node:https') : require('node:http');
  return new Promise((resolve, reject) => {
    const connect = request({
      method: 'CONNECT',
      host: proxy.host,
      port: proxy.port,
      path: authority,
      agent: false,
      timeout,
      headers: { host: authority, ...proxy.headers },
    });
    connect.on('socket', (socket) => socket.unref());
    connect.on('connect', ({ statusCode }, socket) => {
      if (statusCode === 200) resolve(socket);
      else {
        socket.destroy();
        reject(new Error('the proxy refused the tunnel'));
      }
    });
    connect.on('response', () => connect.destroy(new Error('the proxy opened no tunnel')));
    connect.on('timeout', () => connect.destroy(new Error('the proxy did not answer')));
    connect.on('error', reject);
    connect.end();
  });
}
