import http, { type ClientRequest } from 'node:http';
import { isIP, type Socket } from 'node:net';
import { defaultPort, hostFields, splitAuthority } from '../observe/target.ts';
import { toHttp } from '../propagate/propagate.ts';
import type { Detail } from '../record/observation.ts';
import { isOurs } from './agents.ts';
import type { BodyGuard } from './body/body-guard.ts';
import { guardedOr } from './guarded.ts';
import { guardHttpBody } from './http-body.ts';
import { type Describe, GO, judgeHost, type Ruling } from './judge.ts';
import type { Patches } from './patches.ts';
import { expectTunnel } from './proxies.ts';
import { refused } from './refused.ts';
import { whileEnforcing } from './while-enforcing.ts';

/** Parts of a ClientRequest that the types leave out; present in Node 20 to 26. */
type Request = ClientRequest & {
  agent: { readonly proxy?: unknown; readonly defaultPort?: number } | null;
  readonly socketPath?: string;
  onSocket(socket: Socket | null, error?: Error): void;
};
type AddRequest = (this: object, request: Request, options: Options, ...rest: unknown[]) => void;
type Options = { readonly port?: unknown; readonly defaultPort?: unknown; readonly host?: unknown };

const judged = new WeakSet<Request>();

/**
 * A request is judged before its agent looks for a connection: one that is kept alive may have been opened for another
 * shield. What comes without an agent is judged when it is handed its socket.
 */
export function guardHttp(patches: Patches, guard: BodyGuard): void {
  patches.replace(http.Agent.prototype, 'addRequest', (original) => {
    const addRequest = original as unknown as AddRequest;
    return function (this: object, request: Request, options: Options, ...rest: unknown[]): void {
      const error = judge(request, options, guard);
      if (error) refuse(request, error);
      else Reflect.apply(addRequest, this, [request, options, ...rest]);
    } as never;
  });
  patches.replace(http.ClientRequest.prototype, 'onSocket', (original) => {
    const onSocket = original as unknown as Request['onSocket'];
    return function (this: Request, socket: Socket | null, failure?: Error): void {
      const error = failure ? undefined : judge(this, {}, guard);
      if (!error) return void Reflect.apply(onSocket, this, [socket, failure]);
      socket?.destroy();
      refused.add(this);
      Reflect.apply(onSocket, this, [null, error]);
    } as never;
  });
  // An agent of another make, or a connection that is made later: the body must be waited for from the beginning.
  whileEnforcing<{ request: Request }>(patches, 'http.client.request.created', ({ request }) => {
    const error = judge(request, {}, guard);
    if (error) {
      refused.add(request);
      request.destroy(error);
    }
  });
}

function refuse(request: Request, error: Error): void {
  refused.add(request);
  request.onSocket(null, error);
}

function judge(request: Request, options: Options, guard: BodyGuard): Error | undefined {
  if (judged.has(request) || isOurs()) return undefined;
  judged.add(request);
  const outcome = guardedOr('judging a request', undefined, () => {
    const ruling = judgeTargets(request, options);
    if (ruling.kind === 'refused') return { error: ruling.error };
    toHttp(request);
    guardHttpBody(request, targetOf(request, options), guard);
    return undefined;
  });
  return outcome?.error;
}

type Place = { readonly host: string; readonly port: number };

/** Everything that a request names as where it goes: host, Host header, and what it asks a proxy for. */
function judgeTargets(request: Request, options: Options): Ruling {
  const { socketPath, agent, method, path } = request;
  if (socketPath)
    return judgeHost({ unix: socketPath }, describe(request, { protocol: 'unix' }, options));
  const direct = targetOf(request, options);
  const asked = askedOfProxy(method, path);
  const named = asked ?? hostHeader(request, direct.port) ?? direct;
  const targets = named.host === direct.host ? [named] : asked ? [asked] : [direct, named];
  const addresses = isIP(direct.host) ? { addresses: [direct.host] } : {};
  for (const target of targets) {
    const ruling = judgeHost(
      target === direct ? direct : { ...target, ...(asked ? {} : addresses) },
      describe(request, placeFields(target), options),
    );
    if (ruling.kind === 'refused') return ruling;
  }
  if (method === 'CONNECT') expectTunnel(direct);
  if (agent?.proxy instanceof URL || typeof agent?.proxy === 'string') expectTunnel(agent.proxy);
  return GO;
}

const placeFields = ({ host, port }: Place): Detail => ({
  ...hostFields(host),
  target_port: port,
});

const describe =
  (request: Request, fields: Detail, options: Options): Describe =>
  () => ({
    type: 'http_request',
    detail: {
      ...placeFields(targetOf(request, options)),
      client: request.protocol === 'https:' ? 'https' : 'http',
      ...fields,
    },
  });

function targetOf(request: Request, options: Options): Place {
  const { host, protocol, agent } = request;
  const port = Number(options.port || options.defaultPort);
  if (port) return { host, port };
  const header = hostHeader(request, 0);
  const fallback = agent?.defaultPort ?? defaultPort(protocol);
  return { host, port: (header?.host === host ? header.port : 0) || fallback };
}

/** CONNECT names an authority, a plain proxy the whole URL (RFC 9112 section 3.2). */
function askedOfProxy(method: string, path: string): Place | undefined {
  if (method === 'CONNECT') {
    const { host, port } = splitAuthority(path);
    return { host: unbracketed(host), port: port ?? 443 };
  }
  if (path.startsWith('/') || !URL.canParse(path)) return undefined;
  const { hostname, port, protocol } = new URL(path);
  return { host: unbracketed(hostname), port: Number(port) || defaultPort(protocol) };
}

function hostHeader(request: Request, fallback: number): Place | undefined {
  const header = request.getHeader('host');
  if (typeof header !== 'string' || header === '') return undefined;
  const { host, port } = splitAuthority(header);
  return { host: unbracketed(host), port: port ?? fallback };
}

const unbracketed = (host: string): string => host.replace(/^\[|\]$/g, '');
