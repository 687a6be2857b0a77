import type * as http from 'node:http';
import type * as https from 'node:https';
import type { Duplex } from 'node:stream';
import { proxyFor } from './proxy.ts';
import { openTunnel } from './tunnel.ts';

declare const require: {
  (name: 'node:http'): typeof http;
  (name: 'node:https'): typeof https;
};

const CONNECT_MS = 5000;

export type Door = (headers: http.OutgoingHttpHeaders) => Promise<http.ClientRequest>;

/** How a request to the URL is made: directly, by a proxy's absolute form, or through its tunnel. */
export function createDoor(url: URL, method: 'GET' | 'POST'): Door {
  const proxy = proxyFor(url);
  const secure = url.protocol === 'https:';
  const { request, Agent } = secure ? require('node:https') : require('node:http');
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  if (!proxy) return async (headers) => request(url, { method, agent, headers });
  if (secure)
    return async (headers) => {
      const socket: Duplex = await openTunnel(proxy, url, CONNECT_MS);
      return request(url, { method, headers, createConnection: () => socket });
    };
  const plain = require('node:http');
  return async (headers) =>
    plain.request({
      method,
      agent,
      host: proxy.host,
      port: proxy.port,
      path: url.href,
      headers: { host: url.host, ...headers, ...proxy.headers },
    });
}
